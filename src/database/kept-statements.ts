import type SqliteFile from 'better-sqlite3';
import type { EntityManager } from 'typeorm';

/** Longest list whose statement is kept; one more for each length, of each place that has a list. */
const longestList = 32;

/** Of nearly all statements: they are run tens of times for one push. */
const noLists: readonly undefined[] = [];

type Statements = Map<string, SqliteFile.Statement>;

/**
 * TypeORM's `sql` tag for one connection, several times faster: each place in the program that writes one has its statement
 * compiled once and kept. What it does not know, text put into the query by a function, goes the way of TypeORM.
 */
export function keepStatements(manager: EntityManager, handle: SqliteFile.Database): void {
  const places = new WeakMap<TemplateStringsArray, Statements>();
  const usual = manager.sql.bind(manager);
  manager.sql = async (strings: TemplateStringsArray, ...expressions: unknown[]) => {
    const lists = expressions.some((expression) => typeof expression === 'function')
      ? expressions.map((expression) => (typeof expression === 'function' ? expression() : undefined))
      : noLists;
    if (lists.some((list) => list !== undefined && !isShortList(list))) return usual(strings, ...expressions);
    const key = lists.map((list) => list?.length ?? '').join();
    const statements = places.get(strings) ?? new Map();
    places.set(strings, statements);
    const statement = statements.get(key) ?? handle.prepare(textOf(strings, lists));
    statements.set(key, statement);
    const values =
      lists === noLists
        ? expressions.map(bindable)
        : expressions.flatMap((expression, place) => lists[place] ?? [bindable(expression)]);
    return statement.reader ? statement.all(...values) : statement.run(...values).lastInsertRowid;
  };
}

function isShortList(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0 && list.length <= longestList;
}

function textOf(strings: TemplateStringsArray, lists: readonly (readonly unknown[] | undefined)[]): string {
  return strings.reduce((text, part, place) => {
    const list = lists[place - 1];
    return `${text}${list === undefined ? '?' : list.map(() => '?').join()}${part}`;
  });
}

/** As TypeORM does: SQLite knows no booleans. */
function bindable(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}
