import { Failure } from '../../errors/failure.js';

/** Something that may end at a certain time; null: it does not. */
export interface Expiring {
  readonly expiresAt: Date | null;
}

/** @param now epoch milliseconds */
export function hasExpired({ expiresAt }: Expiring, now: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now;
}

/** Throws VALIDATION_FAILED for a time that has passed: what is made with it would never have worked. */
export function assertNotExpired(expiring: Expiring, now: number): void {
  if (!hasExpired(expiring, now)) return;
  throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/expiresAt', message: 'a time to come' }] });
}
