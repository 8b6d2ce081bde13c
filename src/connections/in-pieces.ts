import type { Writable } from 'node:stream';

/** Bytes encrypted at a time: what a block of a layer has. */
const pieceBytes = 128 * 1024;

type Callback = (error?: Error | null) => void;
type Chunk = string | Buffer;

/**
 * Makes a TLS socket write long answers piece by piece, each once the one before has left. OpenSSL encrypts a write whole, and keeps
 * that for a client that does not read beside the answer itself, which many clients may share.
 */
export function inPieces(socket: Writable): void {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  const writeAll = (pieces: Iterator<readonly [Chunk, BufferEncoding]>, callback: Callback): void => {
    const { value, done } = pieces.next();
    if (done) callback();
    else write(...value, (error) => (error ? callback(error) : writeAll(pieces, callback)));
  };
  socket._write = (chunk: Chunk, encoding, callback) => {
    if (bytesOf(chunk, encoding) <= pieceBytes) write(chunk, encoding, callback);
    else writeAll(piecesOf(chunk, encoding), callback);
  };
  socket._writev = (chunks, callback) => {
    const length = chunks.reduce((sum, { chunk, encoding }) => sum + bytesOf(chunk as Chunk, encoding), 0);
    if (writev !== undefined && length <= pieceBytes) writev(chunks, callback);
    else writeAll(piecesOfAll(chunks as readonly { chunk: Chunk; encoding: BufferEncoding }[]), callback);
  };
}

function* piecesOfAll(chunks: readonly { readonly chunk: Chunk; readonly encoding: BufferEncoding }[]) {
  for (const { chunk, encoding } of chunks) yield* piecesOf(chunk, encoding);
}

function* piecesOf(chunk: Chunk, encoding: BufferEncoding): Generator<readonly [Chunk, BufferEncoding]> {
  if (bytesOf(chunk, encoding) <= pieceBytes) return yield [chunk, encoding];
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
  for (let start = 0; start < bytes.length; start += pieceBytes)
    yield [bytes.subarray(start, start + pieceBytes), 'buffer' as BufferEncoding];
}

/** A text may have three times as many bytes as characters. */
function bytesOf(chunk: Chunk, encoding: BufferEncoding): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length;
}
