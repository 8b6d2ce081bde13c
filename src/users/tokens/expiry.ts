import { Failure } from '../../errors/failure.js';

/** Something that may end at a certain time; null: it does not. */
export interface Expiring {
  readonly expiresAt: Date | null;
}

/** Milliseconds by which a clock may have been ahead, or may be behind now. */
const clockTolerance = 86_400_000;

/**
 * Whether something was issued by a clock that was far ahead: then whatever end it was given is as far ahead, and it is not good for
 * anything. A clock that is put right by hours voids nothing.
 * @param now epoch milliseconds
 */
export function isAhead(issuedAt: Date, now: number): boolean {
  return issuedAt.getTime() > latestIssue(now);
}

/** Epoch milliseconds: what was issued later was issued by a clock that was far ahead. */
export function latestIssue(now: number): number {
  return now + clockTolerance;
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
