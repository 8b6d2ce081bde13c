import type { Database, SqlValue } from '../database/database.js';
import { containedIn, containing } from '../database/dialect.js';
import { type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';

/** A piece of a list by name. */
export interface NameQuery {
  readonly limit: number;
  /** The name the piece begins behind. */
  readonly cursor?: string | undefined;
  /** Part of what is searched, in any case. */
  readonly q?: string | undefined;
  /** Whose turn a search is. */
  readonly by?: Seeker | undefined;
}

interface NameSearch extends NameQuery {
  readonly q: string;
  /** SQL: a table, its unique column that it is listed by, and those that are searched. */
  readonly table: string;
  readonly name: string;
  readonly searched: readonly string[];
  /** Further columns and what they have to be. */
  readonly only?: Readonly<Record<string, SqlValue | undefined>>;
}

/**
 * A page of rows that have the text in them, in byte order of their names: what looks at every row is done by the process for searches,
 * and the rows of the page are then read by their names.
 */
export async function foundPage<T>(
  database: Pick<Database, 'search'>,
  search: NameSearch,
  read: (names: string[]) => Promise<T[]>,
): Promise<Page<T>> {
  const { table, name, searched, only = {}, limit, cursor = '', q, by } = search;
  const columns = Object.entries(only).flatMap(([column, value]) =>
    value === undefined ? [] : [[column, value] as const],
  );
  const conditions = [`${name} > ?`, containedIn(...searched), ...columns.map(([column]) => `${column} = ?`)];
  const rows = await database.search<{ name: string }>(
    `SELECT ${name} AS name FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${name} LIMIT ?`,
    [cursor, ...searched.map(() => containing(q)), ...columns.map(([, value]) => value), limit + 1],
    by,
  );
  const page = pageOf(rows, limit, (last) => last.name);
  const names = page.items.map((row) => row.name);
  return { ...page, items: names.length === 0 ? [] : await read(names) };
}
