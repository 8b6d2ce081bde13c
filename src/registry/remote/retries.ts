import { setTimeout as pause } from 'node:timers/promises';
import { clock } from '../../async/clock.js';
import { Fault, faultOf, OfSource } from './fault.js';
import type { RemoteLimits } from './limits.js';

/** How waiting is done. */
export interface Waiting {
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}

export const realWaiting: Waiting = {
  pause: async (ms, signal) => {
    await pause(ms, undefined, { signal });
  },
  random: Math.random,
};

/** Most pauses that a registry asks for during one thing; they are no attempts. */
const mostToldPauses = 10;
const shortestToldPauseMs = 1000;

/**
 * Asks again what may have failed by chance (RFC 9110 §9.2.2 allows it for everything that is asked here, since content has a
 * digest): after pauses of random length up to a bound that doubles. When a registry says how long it wants to be left alone,
 * that holds for everybody who asks it.
 */
export class Retries {
  /** On the clock that nobody sets. */
  #notBefore = 0;

  constructor(
    private readonly host: string,
    private readonly limits: Pick<RemoteLimits, 'attempts' | 'pauseMs' | 'longestPauseMs' | 'longestRetryAfterMs'>,
    private readonly waiting: Waiting = realWaiting,
  ) {}

  /** Rejects with the failure of the last try, the signal's reason, or what the work threw that was no fault of the registry. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let [failed, told] = [0, 0];
    for (;;) {
      await this.waitForTurn(signal);
      try {
        return await work();
      } catch (error) {
        const fault = asked(error, signal, this.host);
        if (fault.again === 'when-told') {
          this.postpone(fault.afterMs);
          if (++told > mostToldPauses) throw fault.failure;
          continue;
        }
        if (fault.again === 'never' || ++failed >= this.limits.attempts) throw fault.failure;
        if (fault.again === 'later') await this.pause(failed, signal);
      }
    }
  }

  /** Waits out what the registry asked for. */
  async waitForTurn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (let left = this.#left(); left > 0; left = this.#left()) await this.#wait(left, signal);
  }

  /** The pause before another try, after so many that failed. */
  async pause(failed: number, signal: AbortSignal): Promise<void> {
    const { pauseMs, longestPauseMs } = this.limits;
    const most = Math.min(longestPauseMs, pauseMs * 2 ** (failed - 1));
    await this.#wait(Math.floor(this.waiting.random() * most), signal);
  }

  /** Lets everybody wait: the registry said so. */
  postpone(afterMs: number): void {
    const ms = Math.min(Math.max(afterMs, shortestToldPauseMs), this.limits.longestRetryAfterMs);
    this.#notBefore = Math.max(this.#notBefore, clock.steady() + ms);
  }

  #left(): number {
    return this.#notBefore - clock.steady();
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.waiting.pause(ms, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

/** What became of a try; throws the reason when it is over because somebody wanted so. */
export function asked(error: unknown, signal: AbortSignal, host: string): Fault {
  signal.throwIfAborted();
  if (error instanceof OfSource) throw error.cause;
  const fault = faultOf(error, host);
  if (fault.failure.code === 'INTERNAL') throw error === fault ? fault.failure : error; // not the registry's
  return fault;
}

/** Milliseconds of a Retry-After: seconds, or a date of HTTP by the clock that others understand. Undefined when there is none. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.wall());
}
