import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '../async/clock.js';
import { CredibleClock } from '../async/credible-clock.js';
import type { Feed } from './feed.js';

/** Milliseconds that a change waits for consumers at most, and changes that wait at most. */
const longestWait = 7 * 86_400_000;
const mostWaiting = 1_000_000;
/** Milliseconds after the start of the process in which nothing goes for its age: after a long absence consumers have their turn first. */
const grace = 10 * 60_000;
/** Rows of one transaction, and milliseconds between two, for the writes of others. */
const batch = 1_000;
const pause = 20;

/** Removes changes that every consumer has passed, and those that are too old or too many, in pieces so that no write waits noticeably. */
export class Trimming {
  /** A step forward counts when whatever was recorded before it is too old in any case. */
  readonly #clock = new CredibleClock(longestWait);
  readonly #since = clock.steady();

  constructor(
    private readonly feed: Feed,
    private readonly most = mostWaiting,
  ) {}

  /** @param passed the position that every consumer has passed */
  async run(passed: number, stop?: AbortSignal): Promise<void> {
    const { newest } = await this.feed.ends();
    const before = this.#clock.now() - longestWait;
    const old = (at: Date) => clock.steady() - this.#since >= grace && at.getTime() < before;
    while (!stop?.aborted) {
      const rows = await this.feed.oldest(batch);
      const kept = rows.findIndex(({ position, at }) => position > passed && position > newest - this.most && !old(at));
      const through = (kept < 0 ? rows.at(-1) : rows[kept - 1])?.position ?? 0;
      if (through === 0 || rows.length < 2) return; // the last change stays
      await this.feed.remove(through);
      if (kept >= 0 || rows.length < batch) return;
      await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}
