/** Offsets of the first and the last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const grammar = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/**
 * What a Range header asks of `size` bytes (RFC 9110 §14). Anything else than one range of bytes is ignored and means the whole content;
 * a range without a byte in it, `500-0` included, is unsatisfiable.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first, last] = (header && grammar.exec(header)) || [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole';
  const suffix = first === '';
  const start = suffix ? Math.max(0, size - Number(last)) : Number(first);
  const end = suffix || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end ? { start, end } : 'unsatisfiable';
}
