import type { Principal } from '../access/principal.js';
import { Failure } from '../errors/failure.js';

/** Names of accounts that are none, in a window, before nothing more is said. */
const allowed = 20;
const windowMs = 3_600_000;
/** Askers that are remembered; the oldest make room. */
const remembered = 10_000;

interface Misses {
  count: number;
  readonly until: number;
}

/**
 * Keeps those who may grant from trying which accounts there are: whoever named twenty that are none within an hour may name nobody
 * until it is over, be there such an account or not.
 */
export class UnknownNames {
  readonly #misses = new Map<string, Misses>();

  /** @param now milliseconds that never go back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Throws TOO_MANY_REQUESTS with `Retry-After` in seconds. To be asked before a name is looked up. */
  check(asker: Principal): void {
    const misses = this.#misses.get(keyOf(asker));
    if (misses === undefined || misses.count < allowed) return;
    const seconds = Math.ceil((misses.until - this.now()) / 1000);
    if (seconds <= 0) return;
    throw new Failure('TOO_MANY_REQUESTS', {
      message: `${allowed} accounts that you named do not exist`,
      headers: { 'Retry-After': String(seconds) },
    });
  }

  missed(asker: Principal): void {
    const key = keyOf(asker);
    const misses = this.#misses.get(key);
    if (misses !== undefined && misses.until > this.now()) {
      misses.count += 1;
      return;
    }
    this.#misses.delete(key);
    this.#misses.set(key, { count: 1, until: this.now() + windowMs });
    const [oldest] = this.#misses.keys();
    if (this.#misses.size > remembered && oldest !== undefined) this.#misses.delete(oldest);
  }
}

/** Robots below one first part of a name are one asker: whoever may make one may make a hundred. */
function keyOf(asker: Principal): string {
  if (asker.kind === 'anonymous') return '';
  return asker.kind === 'user' ? `user ${asker.id}` : `robots ${asker.name.split(/[/+]/, 1)[0]}`;
}
