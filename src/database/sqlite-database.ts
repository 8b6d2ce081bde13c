import { fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type SqliteFile from 'better-sqlite3';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { confirmChange } from '../access/origin.js';
import { clock } from '../async/clock.js';
import { Mutex } from '../async/mutex.js';
import { Failure } from '../errors/failure.js';
import { Checkpointer } from './checkpointer.js';
import { Database, type DatabaseLog, type PreparedRead, type SqlValue } from './database.js';
import { keepStatements } from './kept-statements.js';
import { LogSync } from './log-sync.js';
import { OutsideLock } from './outside-lock.js';
import type { SearchReader } from './search-reader.js';
import type { Seeker } from './seeker.js';
import { diskTrouble } from './sqlite-error.js';

/** A data source of TypeORM and the better-sqlite3 connection below it. */
export interface Connection {
  readonly source: DataSource;
  readonly handle: SqliteFile.Database;
}

interface Parts {
  readonly writer: Connection;
  readonly reader: Connection;
  /** The write-ahead log. Opened once for the life of the database, on that file only: closing another descriptor of the database file itself would drop SQLite's locks. */
  readonly logFile: FileHandle;
  /** Makes {@link logFile} durable without holding the event loop. */
  readonly sync: () => Promise<void>;
  readonly checkpointWorker: URL;
  readonly largestLog: number | undefined;
  readonly searches: SearchReader;
  readonly log: DatabaseLog;
}

/** Milliseconds a write waits altogether for a lock of another program, its time in the queue included. */
const longestWait = 5000;
/** Writes that may be under way while another program holds the lock; each has its caller and what that brought in memory. */
const mostWaiting = 1000;

/**
 * SQLite in WAL mode with two connections: TypeORM shares one connection between concurrent transactions, so writes queue for theirs,
 * and reads never see an open transaction because they have another. `synchronous = NORMAL` lets a commit return before the disk has
 * it; {@link LogSync} then waits for the disk off the event loop, after the next write may already have begun.
 */
export class SqliteDatabase extends Database {
  readonly read: EntityManager;
  readonly #turn = new Mutex();
  readonly #outside: OutsideLock;
  /** Writes that have not committed or failed. */
  #waiting = 0;
  readonly #runner: QueryRunner;
  /** Who is told of the end of the transaction that runs. */
  #told: ((committed: boolean) => void)[] = [];
  readonly #begin: SqliteFile.Statement;
  readonly #commit: SqliteFile.Statement;
  readonly #durability: LogSync;
  readonly #checkpointer: Checkpointer;
  #closed: Promise<void> | undefined;

  constructor(private readonly parts: Parts) {
    super();
    this.read = parts.reader.source.manager;
    this.#runner = parts.writer.source.createQueryRunner();
    keepStatements(this.#runner.manager, parts.writer.handle);
    this.#outside = new OutsideLock(parts.log);
    this.#begin = parts.writer.handle.prepare('BEGIN IMMEDIATE');
    this.#commit = parts.writer.handle.prepare('COMMIT');
    this.#durability = new LogSync(parts.sync, (cause) =>
      parts.log.error({ error: cause }, 'log of the database not synced, refusing writes until restart'),
    );
    this.#checkpointer = new Checkpointer({
      file: parts.writer.handle.name,
      worker: parts.checkpointWorker,
      largest: parts.largestLog,
      logSize: () => fstatSync(parts.logFile.fd).size,
      alone: (work) => this.#turn.run(work),
      failed: (error) => {
        parts.log.warn({ error }, 'checkpoint of the database failed');
        // A sync that failed under it may have been that of the log.
        this.#meaning(error);
      },
    });
  }

  async write<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const value = await this.#inTurn(work);
    await this.#durability.durable();
    this.#checkpointer.committed();
    return value;
  }

  whenOver(_tx: EntityManager, told: (committed: boolean) => void): void {
    this.#told.push(told);
  }

  get awaited(): boolean {
    return this.#waiting > 1;
  }

  prepare<Row>(sql: string): PreparedRead<Row> {
    const { handle } = this.parts.reader;
    const statement = handle.prepare<SqlValue[], Row>(sql);
    let column: SqliteFile.Statement<SqlValue[], Row[keyof Row]> | undefined;
    return {
      find: async (...values) => statement.get(...values),
      list: async (...values) => statement.all(...values),
      column: async (...values) => {
        column ??= handle.prepare<SqlValue[], Row[keyof Row]>(sql).pluck();
        return column.all(...values);
      },
      walk: async (visit, ...values) => {
        for (const row of statement.iterate(...values)) if (!visit(row)) return;
      },
    };
  }

  search<Row>(sql: string, values: readonly SqlValue[] = [], by?: Seeker): Promise<Row[]> {
    return this.parts.searches.ask(sql, values, by);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.parts.searches.close();
    await this.#checkpointer.close();
    await this.#turn.run(async () => {
      await this.#durability.durable().catch(() => undefined);
      await this.parts.logFile.close();
      // The writer last: SQLite folds the log into the database when the last connection goes.
      await this.parts.reader.source.destroy();
      await this.parts.writer.source.destroy();
    });
  }

  /** Whoever is behind a write that waits for another program waits as long as that, and not once more for itself. */
  async #inTurn<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    if (this.#outside.held && this.#waiting >= mostWaiting) throw busy();
    const until = clock.steady() + longestWait;
    this.#waiting++;
    try {
      return await this.#turn.run(() => this.#transaction(work, until));
    } finally {
      this.#waiting--;
    }
  }

  async #transaction<T>(work: (tx: EntityManager) => Promise<T>, until: number): Promise<T> {
    this.#durability.assertTrusted();
    let visible = false;
    try {
      const lock = this.#outside.pass(() => this.#begin.run(), until);
      if (lock !== undefined) await lock;
      // Nothing else can be committed between the answer and our own commit.
      await confirmChange();
      // TypeORM itself only opens deferred transactions; told that one is open, it uses it and makes savepoints inside.
      Object.assign(this.#runner, { isTransactionActive: true, transactionDepth: 1 });
      const value = await work(this.#runner.manager);
      const committed = this.#outside.pass(() => this.#commit.run(), until);
      if (committed !== undefined) await committed;
      visible = true;
      return value;
    } catch (error) {
      const { handle } = this.parts.writer;
      if (handle.inTransaction) handle.exec('ROLLBACK');
      throw this.#meaning(error);
    } finally {
      Object.assign(this.#runner, { isTransactionActive: false, transactionDepth: 0 });
      this.#tell(visible);
    }
  }

  #tell(committed: boolean): void {
    if (this.#told.length === 0) return;
    const told = this.#told;
    this.#told = [];
    for (const tell of told) {
      try {
        tell(committed);
      } catch (error) {
        this.parts.log.error({ error }, 'a change that was committed was not told to everybody');
      }
    }
  }

  /** What a failed statement means to its caller. Once the log is in doubt, nothing is written to it again; other errors stay as they are. */
  #meaning(error: unknown): unknown {
    switch (diskTrouble(error)) {
      case 'full':
        void this.#checkpointer.run(); // what the log has several times over is given back
        return new Failure('STORAGE_FULL', { cause: error });
      case 'busy':
        return busy(error);
      case 'unavailable':
        return new Failure('STORAGE_UNAVAILABLE', { cause: error });
      case 'log in doubt':
        return this.#durability.distrust(error);
      case undefined:
        return error;
    }
  }
}

function busy(cause?: unknown): Failure {
  return new Failure('DATABASE_BUSY', { cause, headers: { 'Retry-After': String(longestWait / 1000) } });
}
