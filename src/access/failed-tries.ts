import { clock } from '../async/clock.js';
import { Failure } from '../errors/failure.js';
import { ownText } from '../text/own-text.js';

export interface TryLimits {
  /** Failures within a window, after which nothing more may be tried until it is over. */
  readonly failures: number;
  /** Milliseconds from the first failure on. */
  readonly windowMs: number;
  /** Keys whose failures are remembered; the oldest make room. */
  readonly remembered: number;
}

interface Failures {
  count: number;
  readonly until: number;
}

/** Counts what failed, by a key, and says when to come back. A wall clock that is set neither lengthens a wait nor ends it. */
export class FailedTries {
  readonly #failures = new Map<string, Failures>();

  constructor(private readonly limits: TryLimits) {}

  /**
   * Throws TOO_MANY_REQUESTS with `Retry-After` in whole seconds once the window holds too many failures.
   * @param reason what there was too much of; the message says for how long besides
   */
  check(key: string, reason: string): void {
    const entry = this.#failures.get(key);
    if (entry === undefined || !this.#isSpent(entry)) return;
    const seconds = Math.ceil((entry.until - clock.steady()) / 1000);
    const message = `${reason}: try again in ${lengthOf(seconds)}`;
    throw new Failure('TOO_MANY_REQUESTS', { message, headers: { 'Retry-After': String(seconds) } });
  }

  add(key: string): void {
    const entry = this.#failures.get(key);
    if (entry !== undefined && entry.until > clock.steady()) {
      entry.count += 1;
      return;
    }
    this.#failures.delete(key);
    this.#failures.set(ownText(key), { count: 1, until: clock.steady() + this.limits.windowMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > this.limits.remembered && oldest !== undefined) this.#failures.delete(oldest);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Forgets all keys that begin so, and tells how many of them could try nothing more. */
  forgetAll(beginning: string): number {
    let spent = 0;
    for (const [key, entry] of this.#failures) {
      if (!key.startsWith(beginning)) continue;
      if (this.#isSpent(entry)) spent += 1;
      this.#failures.delete(key);
    }
    return spent;
  }

  #isSpent({ count, until }: Failures): boolean {
    return count >= this.limits.failures && until > clock.steady();
  }
}

/** `1 second`, `90 seconds`, `5 minutes`: never less than it is. */
function lengthOf(seconds: number): string {
  const [count, unit] = seconds <= 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
