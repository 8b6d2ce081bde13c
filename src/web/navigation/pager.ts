const sizes = [25, 50, 100] as const;

/** Rows per page: one of those offered. */
export function pageSize(value: unknown): number {
  return sizes.find((size) => String(size) === value) ?? sizes[0];
}

/** A size worth writing into an address; undefined for the usual one. */
export function unusualSize(limit: number): number | undefined {
  return limit === sizes[0] ? undefined : limit;
}

/** The number of a row that a cursor or a path names; undefined for anything else. */
export function rowNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export interface Place {
  readonly limit: number | undefined;
  readonly cursor?: string;
}

/**
 * The pager below a list. Lists are read from a cursor on, so there is a way on and a way back to the start.
 * @param url the address of the list at a place
 */
export function presentPager(
  summary: string,
  { limit, cursor, nextCursor }: { readonly limit: number; readonly cursor?: string; readonly nextCursor?: string },
  url: (place: Place) => string,
): object {
  const kept = unusualSize(limit);
  return {
    summary,
    sizes: sizes.map((size) => ({ size, href: url({ limit: unusualSize(size) }), current: size === limit })),
    first: cursor === undefined ? undefined : url({ limit: kept }),
    next: nextCursor === undefined ? undefined : url({ limit: kept, cursor: nextCursor }),
  };
}
