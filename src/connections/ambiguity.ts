import type { IncomingMessage } from 'node:http';

/** Headers of which a request has one at most; of two, a proxy may take the one and we the other. In the spellings clients use. */
const single: ReadonlyMap<string, number> = new Map(
  [
    'Host',
    'Authorization',
    'Content-Length',
    'Content-Type',
    'Content-Range',
    'Range',
    'Origin',
    'X-CSRF-Token',
  ].flatMap((name, at): [string, number][] => [
    [name, 1 << at],
    [name.toLowerCase(), 1 << at],
  ]),
);
const lengths: ReadonlySet<number> = new Set([...single.keys()].map(({ length }) => length));

/** What about the head of a request could be read in two ways, in one sentence; undefined when nothing is. */
export function ambiguity({ headers, rawHeaders }: IncomingMessage): string | undefined {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!lengths.has(name.length)) continue;
    const bit = single.get(name) ?? single.get(name.toLowerCase()) ?? 0;
    if ((seen & bit) !== 0) return `the header ${name.toLowerCase()} came twice`;
    seen |= bit;
  }
  // The end of such a body nobody can tell (RFC 9112 §6.3). Node lets it in, and then breaks off without a word.
  const coding = headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : 'the transfer coding is not chunked';
}
