import { encodeCursor } from './cursor.js';

/** A page of a list as the API writes it; LinkNextPage adds the headers. */
export interface List<T> {
  readonly items: T[];
  readonly nextCursor?: string;
  /** How many the whole list has; sent as `X-Total-Count`, not in the body. */
  readonly total?: number;
}

export function presentList<Row, Item>(
  { items, nextCursor }: { readonly items: readonly Row[]; readonly nextCursor?: string },
  present: (row: Row) => Item,
  total?: number,
): List<Item> {
  return {
    items: items.map(present),
    ...(nextCursor !== undefined && { nextCursor: encodeCursor(nextCursor) }),
    ...(total !== undefined && { total }),
  };
}
