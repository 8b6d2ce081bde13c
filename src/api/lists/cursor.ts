import { Failure } from '../../errors/failure.js';

/** A place in a list as clients see it: opaque, and good for URLs. */
export function encodeCursor(place: string): string {
  return Buffer.from(place, 'utf8').toString('base64url');
}

/** The place a cursor stands for. Throws VALIDATION_FAILED when it is none that encodeCursor wrote, or of another list. */
export function decodeCursor(cursor: string, isPlace: (place: string) => boolean = () => true): string {
  const place = Buffer.from(cursor, 'base64url').toString('utf8');
  if (encodeCursor(place) === cursor && isPlace(place)) return place;
  throw new Failure('VALIDATION_FAILED', {
    detail: [{ pointer: '/cursor', message: 'cursor must be a nextCursor of this list' }],
  });
}
