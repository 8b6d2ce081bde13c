import { Failure } from '../errors/failure.js';
import type { SqlValue } from './database.js';

/**
 * An order that a list can be read in place by place. Names are unique in the list: they tell rows apart whose keys are equal.
 * Columns and functions are SQL.
 */
export interface ListOrder {
  readonly name: string;
  /** What is sorted by; left out, the name itself. A whole number, or a function of the name, which the process for searches knows. */
  readonly key?: { readonly number: string } | { readonly ofName: string };
  readonly descending: boolean;
}

/** What a place is made of. */
export interface Placed {
  readonly name: string;
  /** The key, where it is a number. */
  readonly number?: number;
}

const first: Placed = { name: '', number: -1 };
/** `~` is behind whatever names and tags are made of. */
const last: Placed = { name: '~', number: Number.MAX_SAFE_INTEGER };
const numbered = /^(\d{1,16}):(.*)$/s;

/** The order of `-name`, `pushedAt`, …: the key of that name, or the name itself, backwards behind a dash. */
export function listOrder(sort: string, name: string, keys: Readonly<Record<string, ListOrder['key']>>): ListOrder {
  const field = sort.replace(/^-/, '');
  return { name, key: keys[field], descending: sort.startsWith('-') };
}

/** Every order that {@link listOrder} makes of these fields. */
export function sortsBy<Field extends string>(...fields: Field[]): (Field | `-${Field}`)[] {
  return fields.flatMap((field): (Field | `-${Field}`)[] => [field, `-${field}`]);
}

/** The condition for what is behind a place, with a `?` for each value of {@link placeValues}. */
export function behindPlace({ name, key, descending }: ListOrder): string {
  const sign = descending ? '<' : '>';
  if (key === undefined) return `${name} ${sign} ?`;
  if ('number' in key) return `(${key.number}, ${name}) ${sign} (?, ?)`;
  return `(${key.ofName}(${name}), ${name}) ${sign} (${key.ofName}(?), ?)`;
}

/** What `ORDER BY` takes. */
export function inListOrder({ name, key, descending }: ListOrder): string {
  const keys = key === undefined ? [] : ['number' in key ? key.number : `${key.ofName}(${name})`];
  return [...keys, name].map((column) => (descending ? `${column} DESC` : column)).join(', ');
}

/** The place of a row, as a cursor. */
export function placeIn({ key }: ListOrder, { name, number = 0 }: Placed): string {
  return key !== undefined && 'number' in key ? `${number}:${name}` : name;
}

/** For {@link behindPlace}: of a cursor, or of the beginning. Throws VALIDATION_FAILED for a cursor of another order. */
export function placeValues(order: ListOrder, cursor: string | undefined): SqlValue[] {
  const { key, descending } = order;
  const beginning = descending ? last : first;
  const { name, number = 0 } = cursor === undefined ? beginning : parsePlace(order, cursor);
  if (key === undefined) return [name];
  return 'number' in key ? [number, name] : [name, name];
}

function parsePlace({ key }: ListOrder, cursor: string): Placed {
  if (key === undefined || !('number' in key)) return { name: cursor };
  const [, number, name] = numbered.exec(cursor) ?? [];
  if (number !== undefined && name !== undefined) return { name, number: Number(number) };
  throw new Failure('VALIDATION_FAILED', { message: 'the cursor is not one of this list' });
}
