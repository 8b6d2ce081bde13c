import { Failure } from '../errors/failure.js';
import type { ByteRange } from './byte-range.js';

const grammar = /^(\d+)-(\d+)$/;

/** The Content-Range of an upload's chunk, `<start>-<end>` without unit or total (distribution-spec "Pushing a blob in chunks"). Throws BLOB_UPLOAD_INVALID. */
export function parseContentRange(header: string): ByteRange {
  const [, first, last] = grammar.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) };
  // Not a number when the header is malformed, which no comparison accepts.
  if (range.start <= range.end && range.end <= Number.MAX_SAFE_INTEGER) return range;
  throw new Failure('BLOB_UPLOAD_INVALID', { message: 'Content-Range is not <start>-<end>' });
}
