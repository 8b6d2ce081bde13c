import type { EntityManager } from 'typeorm';
import type { Seeker } from './seeker.js';

/**
 * The one database of the process. Reads see every committed write; writes are one at a time and durable when they resolve.
 * The only room that knows SQLite from PostgreSQL is this one; stores say what differs by the names of `dialect.ts`.
 */
export abstract class Database {
  /** Read-only: a write through it fails. For hot paths see {@link prepare}. */
  abstract readonly read: EntityManager;

  /**
   * Runs `work` alone in a transaction and resolves with its value once the commit is on the disk; when `work` throws, nothing happened.
   * When its turn has come, the change it belongs to (`withOrigin`) is asked whether it still may; what that throws is thrown here.
   * Inside, await only queries of `tx`, and a turn of the event loop where they are many: no network, no files, no nested `write` (it
   * would wait for itself).
   * Whoever acknowledges something found already there does so inside `write` too, because a row that is visible may not be durable yet.
   * Throws STORAGE_FULL when the disk is full, DATABASE_BUSY when another program holds the database for longer than five seconds, and STORAGE_UNAVAILABLE once the log could not be synced, until a restart.
   */
  abstract write<T>(work: (tx: EntityManager) => Promise<T>): Promise<T>;

  /**
   * Tells, as soon as the transaction of `tx` is over and before its `write` settles, whether what it did can be seen: true too when the
   * commit could not be made durable afterwards, because it is visible all the same. `told` must not throw.
   */
  abstract whenOver(tx: EntityManager, told: (committed: boolean) => void): void;

  /** Whether another write waits for the one that runs: long work that can be split makes room then. */
  abstract readonly awaited: boolean;

  /** A read compiled once and kept, several times faster than `read.query`: for what every request asks. Placeholders are `?`. */
  abstract prepare<Row>(sql: string): PreparedRead<Row>;

  /**
   * Rows of a read that may look at many: a search, a count, a piece of an export. It runs in a process of its own, which starts
   * when first asked and ends when idle, so it never holds up a request. Placeholders are `?`. An export reads piece by piece,
   * each behind the last row of the one before, because a read that stays open keeps the log from shrinking. It knows what
   * the dialect says is for it only.
   * @param by who takes turns for it with others; whatever a client can ask for names the client
   * Throws TOO_MANY_REQUESTS and SEARCH_TIMEOUT, see {@link SearchReader}.
   */
  abstract search<Row>(sql: string, values?: readonly SqlValue[], by?: Seeker): Promise<Row[]>;

  /** Ends after the writes that were asked for; what comes later throws. Closing twice is closing once. */
  abstract close(): Promise<void>;
}

/** Values a query can be given. */
export type SqlValue = string | number | Buffer | null;

/** A query to stand inside another one. */
export interface Selection {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export interface PreparedRead<Row> {
  /** The first row. */
  find(...values: SqlValue[]): Promise<Row | undefined>;
  /** All rows. */
  list(...values: SqlValue[]): Promise<Row[]>;
  /** Of all rows the first column, without making an object of each. */
  column(...values: SqlValue[]): Promise<Row[keyof Row][]>;
  /** Shows rows one by one, each read when it is its turn, until `visit` has seen enough and says false. */
  walk(visit: (row: Row) => boolean, ...values: SqlValue[]): Promise<void>;
}

/** What the room has to say to the operator. */
export interface DatabaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
