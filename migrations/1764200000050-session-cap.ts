import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const table = 'sessions';
/** Which of an account were seen last; the one before knew only whose they are. */
const added = new TableIndex({ name: 'sessions_user_seen', columnNames: ['user_id', 'last_seen_at'] });
const removed = new TableIndex({ name: 'sessions_user', columnNames: ['user_id'] });

/** As users/sessions.ts has it since. */
const maxSessionsOfUser = 100;

/** Ends the sessions beyond the cap, those seen longest ago: from here on no write and no list has more of one account. */
export class SessionCap1764200000050 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'SessionCap1764200000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DELETE FROM sessions WHERE id IN (
         SELECT id FROM (
           SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY last_seen_at DESC, id) AS place FROM sessions
         ) WHERE place > ?
       )`,
      [maxSessionsOfUser],
    );
    await runner.dropIndex(table, removed);
    await runner.createIndex(table, added);
  }

  /** Whoever was signed out signs in again. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(table, added);
    await runner.createIndex(table, removed);
  }
}
