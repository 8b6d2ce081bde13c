import { StartupError } from '../data-directory/startup-error.js';
import type { DatabaseLog } from './database.js';
import { migrations } from './migrations.js';
import type { Connection } from './sqlite-database.js';

/**
 * Brings the schema up to date: all pending migrations in one transaction, so a start that is killed half-way changes nothing.
 * Throws StartupError when the database has seen a migration that this program does not know.
 */
export async function migrate(connection: Connection, log: DatabaseLog): Promise<void> {
  const known = migrations.map((Migration) => new Migration().name ?? Migration.name);
  const applied = appliedMigrations(connection);
  const unknown = applied.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new StartupError(
      `The database was written by a newer Berth (it knows ${unknown}); start that version, or restore a backup made before the upgrade.`,
    );
  }
  if (applied.length === known.length) return;

  await connection.source.runMigrations({ transaction: 'all' });
  log.info({ from: applied.at(-1) ?? 'empty', to: known.at(-1) }, 'database migrated');
}

function appliedMigrations({ handle }: Connection): string[] {
  const table = handle.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'`).get();
  if (table === undefined) return [];
  return handle.prepare<[], string>('SELECT name FROM migrations ORDER BY id').pluck().all();
}
