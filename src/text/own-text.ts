/**
 * The same text in memory of its own. A piece of a string, and a string put together of pieces, keep all of what they were cut from: a
 * name of fifty characters keeps the 16 KiB of the request that said it. So whatever outlives a request is copied.
 */
export function ownText(text: string): string {
  // UTF-16 loses nothing, halves of characters included; what has one byte a character takes one here too.
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
