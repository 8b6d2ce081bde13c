import { setTimeout as sleep } from 'node:timers/promises';
import type { Feed } from './feed.js';

/** Milliseconds that a change waits for consumers at most, and changes that wait at most. */
const longestWait = 7 * 86_400_000;
const mostWaiting = 1_000_000;
/** Milliseconds after the start of the process in which nothing goes for its age: after a long absence consumers have their turn first. */
const grace = 10 * 60_000;
/** Rows of one transaction, and milliseconds between two, for the writes of others. */
const batch = 1_000;
const pause = 20;

/** Milliseconds of the wall clock and of the one that nobody sets. */
export interface Clock {
  readonly wall: () => number;
  readonly steady: () => number;
}

const systemClock: Clock = { wall: Date.now, steady: () => performance.now() };

/** Removes changes that every consumer has passed, and those that are too old or too many, in pieces so that no write waits noticeably. */
export class Trimming {
  #seen: { readonly wall: number; readonly steady: number };
  readonly #since: number;

  constructor(
    private readonly feed: Feed,
    private readonly clock: Clock = systemClock,
  ) {
    this.#seen = { wall: clock.wall(), steady: clock.steady() };
    this.#since = this.#seen.steady;
  }

  /** @param passed the position that every consumer has passed */
  async run(passed: number, stop?: AbortSignal): Promise<void> {
    const { newest } = await this.feed.ends();
    const before = this.#credibleNow() - longestWait;
    const old = (at: Date) => this.#seen.steady - this.#since >= grace && at.getTime() < before;
    while (!stop?.aborted) {
      const rows = await this.feed.oldest(batch);
      const kept = rows.findIndex(
        ({ position, at }) => position > passed && position > newest - mostWaiting && !old(at),
      );
      const through = (kept < 0 ? rows.at(-1) : rows[kept - 1])?.position ?? 0;
      if (through === 0 || rows.length < 2) return; // the last change stays
      await this.feed.remove(through);
      if (kept >= 0 || rows.length < batch) return;
      await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** A wall clock that was set forward makes nothing older. */
  #credibleNow(): number {
    const { wall, steady } = this.#seen;
    this.#seen = { wall: this.clock.wall(), steady: this.clock.steady() };
    return Math.min(this.#seen.wall, wall + this.#seen.steady - steady);
  }
}
