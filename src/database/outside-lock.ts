import { setTimeout as delay } from 'node:timers/promises';
import { clock } from '../async/clock.js';
import type { DatabaseLog } from './database.js';
import { isBusy } from './sqlite-error.js';

/** Milliseconds until the lock is asked for again: the first time, and at most. */
const firstPause = 2;
const longestPause = 20;
/** Milliseconds of waiting that the operator hears of. */
const worthTelling = 1000;

/**
 * The lock of the database file while a program outside of the process holds it: a shell, a backup. SQLite would wait for
 * it on the thread that asks, which is the event loop and everybody's; here it is asked for again and again instead.
 */
export class OutsideLock {
  #held = false;

  constructor(private readonly log: DatabaseLog) {}

  /** Whether somebody waits for it now. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Runs `attempt` until SQLite is not busy any more. Undefined when that is at once, as nearly always.
   * Rejects with SQLite's error when it still is at `until`, in milliseconds of `clock.steady()`.
   */
  pass(attempt: () => void, until: number): Promise<void> | undefined {
    const busy = busyAfter(attempt);
    return busy === undefined ? undefined : this.#wait(attempt, until, busy);
  }

  async #wait(attempt: () => void, until: number, first: unknown): Promise<void> {
    const since = clock.steady();
    let busy = first;
    let told = false;
    this.#held = true;
    try {
      for (let pause = firstPause; clock.steady() < until; pause = Math.min(2 * pause, longestPause)) {
        await delay(pause);
        busy = busyAfter(attempt);
        if (busy === undefined) return;
        if (!told && clock.steady() - since > worthTelling) {
          told = true;
          this.log.warn({}, 'another program holds the database: changes wait for it');
        }
      }
    } finally {
      this.#held = false;
    }
    // Those behind it give up now as well; a turn of the loop each, so that reads go on between them.
    await new Promise(setImmediate);
    throw busy;
  }
}

/** The error of an attempt that met a lock; undefined when it met none. Every other error is thrown. */
function busyAfter(attempt: () => void): unknown {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (isBusy(error)) return error; // by its code alone: two loads of the driver have two classes
    throw error;
  }
}
