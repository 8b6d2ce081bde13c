import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { sqliteCode } from './sqlite-error.js';

/**
 * What SQLite says and PostgreSQL says in another way, by the names that stores use. Nothing outside of this room says it itself.
 * Both say alike, and it is not here: `?` for a value (a driver numbers them), RETURNING, ON CONFLICT, WITH … AS MATERIALIZED,
 * values of a row compared together, OCTET_LENGTH. Text compares and sorts by its bytes because the schema makes it so
 * (docs/adr/0021-the-schema-says-that-text-sorts-by-bytes.md).
 */

/**
 * Any number of values as one: a query with such a list has one variable and always the same text, however long the list is.
 * Stands in FROM under this name; {@link itemOf} and {@link fieldOf} are what is in it, {@link listOf} what the query is given.
 */
export const listed = (name: string): string => `json_each(?) AS ${name}`;

/** What a query with {@link listed} is given in that place. */
export const listOf = (values: readonly (string | number | readonly (string | number)[])[]): string =>
  JSON.stringify(values);

/** A value of a list. */
export const itemOf = (list: string): string => `${list}.value`;

/** A value of a list of rows: the field at this place, from 0. */
export const fieldOf = (list: string, place: number): string => `${list}.value ->> ${place}`;

/** Joins so that what stands before it is gone through in its order, once. The condition follows in WHERE. */
export const joinEach = 'CROSS JOIN';

/** The condition that one of these columns has what is looked for in it, in any case, with a `?` for {@link containing} of each. */
export function containedIn(...columns: readonly string[]): string {
  const conditions = columns.map((column) => `LOWER(${column}) LIKE ? ESCAPE '!'`);
  return conditions.length === 1 ? conditions.join() : `(${conditions.join(' OR ')})`;
}

/** What {@link containedIn} takes to find the text, with nothing special in it. */
export function containing(text: string): string {
  return `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
}

/** A function that sorts numbers in a text by their value; for `Database.search` only. */
export const naturalOrder = 'natural_key';

/** A text that no two sets of whole numbers share; for `Database.search` only. */
export const setDigest = (column: string): string => `set_digest(${column} ORDER BY ${column})`;

/** Text as it is stored, without making a string of it. */
export const bytesOf = (column: string): string => `CAST(${column} AS BLOB)`;

/** A sum that may be larger than any whole number, 0 of nothing: what clients push may claim any size. */
export const sumOf = (column: string): string => `COALESCE(SUM(CAST(${column} AS DOUBLE PRECISION)), 0)`;

/**
 * Keeps a row from every other transaction until this one is over; where another has it, waits for that one. What this one reads from
 * then on is what others committed last, and stays so. In one transaction, before a row that is shared by many, the names of
 * {@link lockName}: two that wait for each other fail.
 *
 * SQLite says nothing: a transaction of `Database.write` is the only one that writes, in whichever process (BEGIN IMMEDIATE).
 * PostgreSQL, where a statement sees what was committed before it began: SELECT 1 … FOR UPDATE.
 */
export async function lockRow<T extends ObjectLiteral>(
  _tx: EntityManager,
  _entity: EntityTarget<T>,
  _row: FindOptionsWhere<T>,
): Promise<void> {}

/**
 * As {@link lockRow}, for what no row stands for: how many rows there are. Everything that changes the number so that a limit could
 * be passed asks for the same name first. PostgreSQL: SELECT pg_advisory_xact_lock(hashtextextended(?, 0)).
 */
export async function lockName(_tx: EntityManager, _name: string): Promise<void> {}

/** True when a write failed because such a row is already there. */
export function violatesUnique(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}
