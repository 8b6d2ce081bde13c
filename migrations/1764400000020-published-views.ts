import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the owners of tables publish for statements of other rooms (test/support/rooms.ts). Plain projections cost nothing: SQLite
 * plans as if the tables stood there. A later migration that makes one of these tables anew drops its view first.
 */
const views = {
  user_names: 'SELECT id, username FROM users',
  group_names: 'SELECT id, name FROM "groups"',
  robot_names: 'SELECT id, name FROM robots',
  memberships:
    'SELECT m.user_id, m.group_id, g.name AS group_name FROM group_members m JOIN "groups" g ON g.id = m.group_id',
  repository_list:
    'SELECT id, name, visibility, description, owner_id, created_at, updated_at, pushed_at FROM repositories',
} as const;

export class PublishedViews1764400000020 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'PublishedViews1764400000020';

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, query] of Object.entries(views)) await runner.query(`CREATE VIEW ${name} AS ${query}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(views)) await runner.query(`DROP VIEW ${name}`);
  }
}
