import type { Request, Response } from 'express';
import { nextLink } from '../../oci/link.js';
import { encodeCursor } from './cursor.js';

export interface List<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

/** A page of a list as the API writes it; where there is more, `Link: …; rel="next"` besides `nextCursor`. */
export function presentList<Row, Item>(
  request: Request,
  response: Response,
  page: { readonly items: readonly Row[]; readonly nextCursor?: string },
  present: (row: Row) => Item,
): List<Item> {
  const items = page.items.map(present);
  if (page.nextCursor === undefined) return { items };
  const nextCursor = encodeCursor(page.nextCursor);
  const asked = Object.entries(request.query).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  response.setHeader('Link', nextLink(request.path, { ...Object.fromEntries(asked), cursor: nextCursor }));
  return { items, nextCursor };
}
