/** A piece of a list that is read place by place (keyset paging): every piece costs the same, wherever it begins. */
export interface Page<T> {
  readonly items: T[];
  /** Where to read on; absent at the end. */
  readonly nextCursor?: string;
}

/** The page in rows of which one more was read than asked for, which tells whether there is another page. */
export function pageOf<T>(rows: readonly T[], limit: number, placeOf: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, nextCursor: placeOf(last) } : { items };
}

/** The first items that take no more than `room` together, as `weigh` counts each, and how much they take. */
export function fitting<T>(
  items: readonly T[],
  room: number,
  weigh: (item: T) => number,
): { readonly items: T[]; readonly weight: number } {
  const taken: T[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weigh(item);
    if (weight + more > room) break;
    weight += more;
    taken.push(item);
  }
  return { items: taken, weight };
}
