import { fitting } from '../../database/page.js';

/** Most bytes of a page before it is compressed; what others pushed does not make it larger. */
export const pageBytes = 256 * 1024;
/** What stands around the content of a page, at most: head, navigation, footer. */
const frameBytes = 24 * 1024;

/** Bytes that are left for the content of a page. */
export const contentBytes = pageBytes - frameBytes;

/** Bytes that Handlebars adds to these characters. */
const added: Readonly<Record<string, number>> = { '&': 4, '<': 3, '>': 3, '"': 5, "'": 5, '`': 5, '=': 5 };

/** Bytes of a text once it is escaped and encoded. */
export function escapedBytes(text: string): number {
  let bytes = Buffer.byteLength(text);
  for (const [character] of text.matchAll(/[&<>"'`=]/g)) bytes += added[character] ?? 0;
  return bytes;
}

/** The content of one page, which is given out list by list: each gets its beginning, as far as that fits. */
export class PageRoom {
  #left = contentBytes;

  /** The first items that take no more than `most` together, as `weigh` counts the bytes of each, nor more than is left. */
  take<T>(items: readonly T[], most: number, weigh: (item: T) => number): T[] {
    const taken = fitting(items, Math.min(most, this.#left), weigh);
    this.#left -= taken.weight;
    return taken.items;
  }

  /** The beginning of a text. */
  takeText(text: string, most: number): string {
    return this.take([...text.matchAll(/.{1,256}/gsu)], most, ([piece]) => escapedBytes(piece)).join('');
  }
}
