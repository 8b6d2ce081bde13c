import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What happened in a repository is known by the repository and not by the name it had: names are given away and made anew. Rows that
 * are there get the repository that bears the name now, if it bore it already when they were written; the others get none.
 * The index answers what statistics ask without reading rows.
 */
export class AuditRepositories1764200000020 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'AuditRepositories1764200000020';

  async up(runner: QueryRunner): Promise<void> {
    // Without a foreign key: the record outlives what it is about, and ids of repositories are never given again.
    await runner.query('ALTER TABLE audit_events ADD COLUMN repository_id integer');
    await runner.query(`
      UPDATE audit_events SET repository_id = bearer.id FROM (
        SELECT id, 'repository:' || name AS resource, MAX(created_at, COALESCE((
          SELECT MAX(at) FROM audit_events WHERE resource = 'repository:' || name AND action = 'repository.rename'
        ), 0)) AS since FROM repositories
      ) AS bearer
      WHERE audit_events.resource = bearer.resource AND at >= since AND action <> 'denied'`);
    await runner.query(`
      CREATE INDEX audit_events_repository ON audit_events (repository_id, action, at, count) WHERE repository_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX audit_events_repository');
    await runner.query('ALTER TABLE audit_events DROP COLUMN repository_id');
  }
}
