import { Writable } from 'node:stream';
import { inPieces } from './in-pieces.js';

const piece = 128 * 1024;

/** What a socket is given to encrypt, write by write, and everything together. */
async function writesOf(...chunks: (string | Buffer)[]): Promise<{ sizes: number[]; text: string }> {
  const writes: Buffer[] = [];
  const socket = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, encoding, done) => {
      writes.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      setImmediate(done);
    },
  });
  inPieces(socket);
  for (const chunk of chunks) socket.write(chunk);
  await new Promise<void>((resolve) => socket.end(resolve));
  return { sizes: writes.map(({ length }) => length), text: Buffer.concat(writes).toString() };
}

test.each<[string, string | Buffer]>([
  ['bytes', Buffer.alloc(3 * piece + 1, 'x')],
  ['a text', 'x'.repeat(3 * piece + 1)],
  ['a text of fewer characters than bytes', '页'.repeat(piece)],
])('%s, however much, is written a piece at a time', async (_what, chunk) => {
  const { sizes, text } = await writesOf('head', chunk, 'foot');
  expect(Math.max(...sizes)).toBeLessThanOrEqual(piece);
  expect(text === `head${chunk.toString()}foot`).toBe(true);
});

test('what fits a piece is written as it comes', async () => {
  expect((await writesOf(Buffer.alloc(piece))).sizes).toEqual([piece]);
});
