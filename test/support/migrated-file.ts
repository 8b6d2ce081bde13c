import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { migrations } from '../../src/database/migrations.js';

/** A database as an earlier version of the program left it. */
export interface MigratedFile {
  readonly file: string;
  /** The file as a program with only the first `count` migrations leaves it, after `work`. */
  withMigrations(count: number, work: (source: DataSource) => Promise<unknown>): Promise<void>;
  remove(): Promise<void>;
}

/** No file yet, in a directory of its own, for one spec. */
export async function migratedFile(): Promise<MigratedFile> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-migrations-'));
  const file = join(directory, 'berth.db');
  return {
    file,
    async withMigrations(count, work) {
      const source = new DataSource({
        type: 'better-sqlite3',
        driver: SqliteFile,
        database: file,
        migrations: migrations.slice(0, count),
      });
      await source.initialize();
      await source.runMigrations({ transaction: 'all' });
      await work(source);
      await source.destroy();
    },
    remove: () => rm(directory, { recursive: true }),
  };
}

/** A user as every version of the table takes it. */
export const insertUser = (id: number): string =>
  `INSERT INTO users (id, username, role, enabled, password_hash, must_change_password, created_at) VALUES (${id}, 'user-${id}', 'user', 1, '', 0, 0)`;
