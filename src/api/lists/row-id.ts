import { Failure } from '../../errors/failure.js';

export function isRowId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}

/** The id of a row in a path: decimal digits without sign, zero or exponent (B88). Throws VALIDATION_FAILED. */
export function parseRowId(text: string): number {
  if (isRowId(text)) return Number(text);
  throw new Failure('VALIDATION_FAILED', {
    detail: [{ pointer: '/id', message: 'id must be a positive whole number' }],
  });
}
