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
