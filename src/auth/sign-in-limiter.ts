import { Failure } from '../errors/failure.js';

interface Failures {
  count: number;
  readonly until: number;
}

/** As many (account, address) pairs as are remembered; the oldest make room, so made-up names cannot fill the memory. */
const remembered = 10_000;

/**
 * Counts failed password checks by (account, address), for the console, Basic and the token realm alike (H8).
 * Only failures count, so nobody is slowed down who knows the password, and an account stays reachable from other
 * addresses while one address is guessing.
 */
export class SignInLimiter {
  private readonly failures = new Map<string, Failures>();

  constructor(
    private readonly limit: { readonly failures: number; readonly windowMs: number },
    private readonly now: () => number = Date.now,
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
}

function key(username: string, address: string): string {
  return `${address} ${username.slice(0, 128).toLowerCase()}`;
}
