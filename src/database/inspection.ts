import SqliteFile from 'better-sqlite3';
import { sqliteCode } from './sqlite-error.js';

/** Milliseconds to wait for a lock; the server never holds one that readers need for long. */
const patience = 10_000;

export interface InspectionQuery<Row> {
  first(...values: readonly (string | number)[]): Row | undefined;
  all(...values: readonly (string | number)[]): Row[];
}

/**
 * A look at the database file from outside of the server, whether that runs or not: it writes nothing, and holds nothing up
 * beyond one `snapshot`. Synchronous: for a program of its own, never for the server's event loop.
 */
export class Inspection {
  readonly #database: SqliteFile.Database;

  /** Throws SQLite's error for a file that cannot be opened at all. */
  constructor(file: string) {
    this.#database = new SqliteFile(file, { readonly: true, fileMustExist: true, timeout: patience });
  }

  /** A query that is asked often. */
  prepare<Row>(sql: string): InspectionQuery<Row> {
    const statement = this.#database.prepare<unknown[], Row>(sql);
    return {
      first: (...values) => statement.get(...values),
      all: (...values) => statement.all(...values),
    };
  }

  /** Everything `work` reads is of one moment, however much is written meanwhile. */
  snapshot<T>(work: () => T): T {
    return this.#database.transaction(work).deferred();
  }

  /** What SQLite finds wrong with its own file, in its words; `quick` leaves out whether indexes agree with their tables. */
  problems(quick: boolean): string[] {
    const rows = this.#database.pragma(quick ? 'quick_check' : 'integrity_check') as Record<string, string>[];
    const said = rows.flatMap((row) => Object.values(row)).filter((text) => text !== 'ok');
    const dangling = this.prepare<{ table: string; parent: string }>(
      'SELECT DISTINCT "table", parent FROM pragma_foreign_key_check',
    );
    const pairs = dangling
      .all()
      .map(({ table, parent }) => `rows of ${table} name rows of ${parent} that do not exist`);
    return [...said, ...pairs];
  }

  close(): void {
    this.#database.close();
  }
}

/** Whether this is what SQLite throws when it meets a damaged file. */
export function isDatabaseDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'));
}
