import { setTimeout as sleep } from 'node:timers/promises';
import { outsideOfChanges } from '../access/origin.js';
import { CredibleClock } from '../async/credible-clock.js';
import type { JobQueue } from './queue.js';

/** Milliseconds that ended jobs stay, and how many of them at most. */
const longestKept = 30 * 86_400_000;
const mostKept = 2_000;
/** Milliseconds between the end of a job and the look at what can go. */
const lookAfter = 60_000;
/** Jobs of one transaction, each with its lines, and milliseconds between two, for the writes of others. */
const batch = 10;
const pause = 20;

/** Removes jobs that ended long ago, or are too many, in pieces so small that no write waits noticeably. */
export class EndedJobs {
  readonly #clock = new CredibleClock(longestKept);
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: Pick<JobQueue, 'removeEnded'>,
    private readonly log: { warn(fields: object, message: string): void },
    private readonly kept = mostKept,
  ) {}

  /** Looks a minute later, once for all that end until outcome. */
  lookSoon(): void {
    if (this.#stop.signal.aborted) return;
    outsideOfChanges(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.remove().catch((error: unknown) => this.log.warn({ error }, 'ended jobs not removed'));
      }, lookAfter).unref();
    });
  }

  async remove(): Promise<void> {
    const before = new Date(this.#clock.now() - longestKept);
    while (!this.#stop.signal.aborted && (await this.queue.removeEnded(before, this.kept, batch)) > 0)
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }
}
