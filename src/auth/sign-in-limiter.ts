import { hash } from 'node:crypto';
import { addressGroup } from '../access/address-group.js';
import { FailedTries, type TryLimits } from '../access/failed-tries.js';

/**
 * As many (account, address) pairs as are remembered, about 10 MB at most; the oldest make room. Each costs whoever makes
 * up names one bcrypt comparison, of which twenty fit into a second, so that a lock cannot be pushed out within its window.
 */
const remembered = 50_000;

/**
 * Counts failed password checks by (account, address), for the console, Basic and the token realm alike (H8); a /64 is
 * one address. Only failures count, so nobody is slowed down who knows the password, and an account stays reachable from
 * other addresses while one address is guessing. Its clock is never set, so neither is a lock lengthened or lifted.
 */
export class SignInLimiter {
  readonly #tries: FailedTries;

  constructor(limit: Omit<TryLimits, 'remembered'>) {
    this.#tries = new FailedTries({ ...limit, remembered });
  }

  /** One account from one address. A sign-in asks about it several times, so its key is made once. */
  of(username: string, address: string): Tries {
    return new Tries(this.#tries, key(username, address));
  }

  /** Forgets the failures of an account from every address, and tells from how many of them it was locked out. */
  unlock(username: string): number {
    return this.#tries.forgetAll(accountKey(username));
  }
}

/** The failures of one account from one address. */
class Tries {
  constructor(
    private readonly tries: FailedTries,
    private readonly key: string,
  ) {}

  /** Throws TOO_MANY_REQUESTS with `Retry-After` in whole seconds once the window holds too many failures. */
  check(): void {
    this.tries.check(this.key, 'too many failed sign-ins to this account from here');
  }

  failed(): void {
    this.tries.add(this.key);
  }

  succeeded(): void {
    this.tries.forget(this.key);
  }
}

function key(username: string, address: string): string {
  return `${accountKey(username)} ${addressGroup(address)}`;
}

/** 22 characters, however long the name that somebody sends: the first 132 bits of its SHA-256. */
function accountKey(username: string): string {
  return hash('sha256', username.toLowerCase(), 'base64').slice(0, 22);
}
