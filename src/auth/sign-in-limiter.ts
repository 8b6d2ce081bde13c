import { createHash } from 'node:crypto';
import { addressGroup } from '../access/address-group.js';
import { Failure } from '../errors/failure.js';

interface Failures {
  count: number;
  readonly until: number;
}

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
  private readonly failures = new Map<string, Failures>();

  constructor(
    private readonly limit: { readonly failures: number; readonly windowMs: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Throws TOO_MANY_REQUESTS with `Retry-After` in whole seconds once the window holds too many failures. */
  check(username: string, address: string): void {
    const entry = this.failures.get(key(username, address));
    if (entry === undefined || entry.count < this.limit.failures) return;
    const seconds = Math.ceil((entry.until - this.now()) / 1000);
    if (seconds > 0) throw new Failure('TOO_MANY_REQUESTS', { headers: { 'Retry-After': String(seconds) } });
  }

  failed(username: string, address: string): void {
    const name = key(username, address);
    const entry = this.failures.get(name);
    if (entry !== undefined && entry.until > this.now()) {
      entry.count += 1;
      return;
    }
    this.failures.delete(name);
    this.failures.set(name, { count: 1, until: this.now() + this.limit.windowMs });
    if (this.failures.size > remembered) {
      const oldest = this.failures.keys().next();
      if (!oldest.done) this.failures.delete(oldest.value);
    }
  }

  succeeded(username: string, address: string): void {
    this.failures.delete(key(username, address));
  }

  /** Forgets the failures of an account from every address, and tells from how many of them it was locked out. */
  unlock(username: string): number {
    const account = accountKey(username);
    let locked = 0;
    for (const [name, { count, until }] of this.failures) {
      if (!name.startsWith(account)) continue;
      if (count >= this.limit.failures && until > this.now()) locked += 1;
      this.failures.delete(name);
    }
    return locked;
  }
}

function key(username: string, address: string): string {
  return `${accountKey(username)} ${addressGroup(address)}`;
}

/** 16 characters, however long the name that somebody sends: the left half of its SHA-256. */
function accountKey(username: string): string {
  return createHash('sha256').update(username.toLowerCase()).digest().toString('latin1', 0, 16);
}
