import { encodeCursor } from './cursor.js';

/** A page of a list as the API writes it; LinkNextPage adds the header. */
export interface List<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

export function presentList<Row, Item>(
  { items, nextCursor }: { readonly items: readonly Row[]; readonly nextCursor?: string },
  present: (row: Row) => Item,
): List<Item> {
  return { items: items.map(present), ...(nextCursor !== undefined && { nextCursor: encodeCursor(nextCursor) }) };
}
