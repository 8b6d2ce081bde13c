import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/database.js';
import { type DatabaseOptions, openDatabase } from '../../src/database/open-database.js';

export interface TemporaryDatabase {
  readonly database: Database;
  readonly file: string;
  /** Closes it and removes the files. */
  remove(): Promise<void>;
}

/** The compiled thread; `npm test` builds first. */
export const searchWorker = pathToFileURL(join(projectRoot(), 'dist', 'src', 'database', 'search-worker.js'));

/** A real, empty, migrated database in a directory of its own, for one spec. */
export async function temporaryDatabase(options: Pick<DatabaseOptions, 'entities'>): Promise<TemporaryDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-database-'));
  const file = join(directory, 'berth.db');
  const database = await openDatabase({ ...options, file, log: silentLog, searchWorker });
  return {
    database,
    file,
    async remove() {
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

export const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
