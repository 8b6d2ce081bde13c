import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '../async/clock.js';
import { CredibleClock } from '../async/credible-clock.js';
import type { Database } from '../database/database.js';
import type { JobKind } from '../jobs/kind.js';
import { deleteBefore } from './audit-events.store.js';

const day = 86_400_000;
/** Milliseconds after the start of the process: not while it has better things to do. */
const firstAfter = 10 * 60_000;
/** Milliseconds a batch may hold the writer; batches shrink and grow to stay well below. */
const longest = 10;
/** Milliseconds between batches, for the writes of others. */
const pause = 20;

/**
 * Removes events that are older than they are to be kept, in batches so small that no write waits noticeably. What is gone is gone, so a
 * clock that was set forward counts from the next sweep on, when it has been so for a day; one that was set back counts at once.
 */
export class AuditRetention {
  /** It is read once a day, so the second reading is a day later. */
  readonly #clock = new CredibleClock(0);

  constructor(
    private readonly database: Database,
    private readonly days: number,
  ) {}

  /** Once a day, and never on demand: each run is a reading of the clock. */
  get kind(): JobKind {
    return {
      name: 'audit.retain',
      parse: () => ({}),
      perform: async (_payload, { signal, progress }) => {
        const removed = await this.sweep(signal);
        signal.throwIfAborted();
        progress({ removed });
      },
      attempts: 3,
      schedule: { every: day, firstAfter, payload: () => ({}) },
    };
  }

  /** Tells how many rows went, and hands the time each batch held the writer to `held`. */
  async sweep(stop?: AbortSignal, held: (milliseconds: number) => void = () => undefined): Promise<number> {
    const end = this.#clock.now() - this.days * day;
    let removed = 0;
    let size = 50;
    while (!stop?.aborted) {
      let took = 0;
      const gone = await this.database.write(async (tx) => {
        const started = clock.steady();
        const rows = await deleteBefore(tx, end, size);
        took = clock.steady() - started;
        return rows;
      });
      held(took);
      removed += gone;
      if (gone < size) break;
      size = took > longest ? Math.max(10, size >> 1) : took < longest / 4 ? Math.min(1000, size * 2) : size;
      await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    }
    return removed;
  }
}
