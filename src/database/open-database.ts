import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import SqliteFile from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { StartupError } from '../data-directory/startup-error.js';
import type { Database, DatabaseLog } from './database.js';
import { migrate } from './migrate.js';
import { migrations } from './migrations.js';
import { SearchReader } from './search-reader.js';
import { type Connection, SqliteDatabase } from './sqlite-database.js';
import { isBusy, sqliteCode } from './sqlite-error.js';
import { startLog } from './start-log.js';

export interface DatabaseOptions {
  /** Absolute path; created when missing, with its `-wal` and `-shm` beside it. */
  readonly file: string;
  /** The entity classes of all rooms. */
  // biome-ignore lint/complexity/noBannedTypes: TypeORM names entity classes by this type.
  readonly entities: Function[];
  readonly log: DatabaseLog;
  /** Bytes that the write-ahead log may take before it is folded in; 64 MiB when left out. */
  readonly largestLog?: number | undefined;
  /** Stands around every sync of the log; tests put a slow or a failing disk here. */
  readonly aroundSync?: (sync: () => Promise<void>) => Promise<void>;
  /** The compiled checkpoint worker, for a caller that runs from the sources. */
  readonly checkpointWorker?: URL;
  /** The compiled search worker, likewise. */
  readonly searchWorker?: URL;
}

/** Milliseconds a start, and a thread of its own, wait for a lock held by a tool outside the process; the process itself never competes. */
const patience = 2000;
/**
 * The same of a read on the event loop, where everybody waits with it. In write-ahead mode a reader meets a lock only in the
 * moment in which somebody repairs the log's index.
 */
const readerPatience = 8;

/**
 * Opens the database, brings its schema up to date and folds the log of the last run into it.
 * Throws StartupError, in one plain sentence, when the file is corrupt, cannot be opened or was written by a newer program.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const opened: Connection[] = [];
  try {
    const writer = await connect(options, patience, (handle) => {
      handle.pragma('journal_mode = WAL');
      handle.pragma('synchronous = NORMAL');
      handle.pragma('wal_autocheckpoint = 0');
    });
    opened.push(writer);
    await migrate(writer, options.log);
    writer.handle.pragma('wal_checkpoint(TRUNCATE)');
    startLog(writer.handle);
    // From now on it is OutsideLock that waits, off the event loop.
    writer.handle.pragma('busy_timeout = 0');
    const reader = await connect(options, readerPatience, (handle) => handle.pragma('query_only = ON'));
    opened.push(reader);

    const logFile = await open(`${options.file}-wal`, 'r+');
    const { ino, dev } = await logFile.stat();
    const sync = async () => {
      await logFile.datasync();
      requireInPlace(`${options.file}-wal`, { ino, dev });
    };
    const { aroundSync } = options;
    return new SqliteDatabase({
      writer,
      reader,
      logFile,
      sync: aroundSync === undefined ? sync : () => aroundSync(sync),
      checkpointWorker: options.checkpointWorker ?? new URL('./checkpoint-worker.js', import.meta.url),
      searches: new SearchReader({
        file: options.file,
        worker: options.searchWorker ?? new URL('./search-worker.js', import.meta.url),
        patience,
      }),
      largestLog: options.largestLog,
      log: options.log,
    });
  } catch (error) {
    for (const connection of opened) await connection.source.destroy();
    throw explained(error, options.file);
  }
}

/**
 * Asked after each sync and before anything is acknowledged: SQLite goes on writing into files whose directory was moved away, or
 * which were replaced, and the next start would not find what it wrote.
 */
function requireInPlace(path: string, opened: { readonly ino: number; readonly dev: number }): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.ino === opened.ino && found.dev === opened.dev) return;
  throw new Error('the data directory was moved away, or the database in it replaced, while Berth runs');
}

/** TypeORM over one better-sqlite3 connection; the handle is for what TypeORM does not offer. */
async function connect(
  options: DatabaseOptions,
  timeout: number,
  prepare: (handle: SqliteFile.Database) => void,
): Promise<Connection> {
  let handle: SqliteFile.Database | undefined;
  const source = new DataSource({
    type: 'better-sqlite3',
    driver: SqliteFile,
    database: options.file,
    timeout,
    entities: options.entities,
    migrations,
    prepareDatabase: (database: SqliteFile.Database) => {
      handle = database;
      try {
        prepare(database);
      } catch (error) {
        database.close();
        throw error;
      }
    },
  });
  await source.initialize();
  if (handle === undefined) throw new Error('the database driver did not prepare its connection');
  return { source, handle };
}

function explained(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return new StartupError(`The database ${file} is damaged; restore it from a backup.`, { cause: error });
  if (isBusy(error))
    return new StartupError(`The database ${file} is held by another program; end that and start again.`, {
      cause: error,
    });
  return new StartupError(`The database ${file} cannot be opened: ${code}.`, { cause: error });
}
