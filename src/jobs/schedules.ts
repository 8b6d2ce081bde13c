import { outsideOfChanges } from '../access/origin.js';
import { clock } from '../async/clock.js';
import type { JobKind, JobSchedule } from './kind.js';

export interface SchedulesParts {
  readonly kinds: ReadonlyMap<string, JobKind>;
  /** When the last of the kind was made; undefined when none is known. */
  readonly last: (kind: string) => Promise<Date | undefined>;
  readonly make: (kind: string, schedule: JobSchedule) => Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

/** Milliseconds a timer can wait. */
const longestWait = 2 ** 31 - 1;

/**
 * Makes jobs when their time has come, with one timer for all. From one to the next the clock counts that nobody sets; how long ago the
 * last one was when the process starts, the calendar says, so that restarts do not put them off for ever.
 */
export class Schedules {
  readonly #due = new Map<JobKind, number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly parts: SchedulesParts) {}

  async start(): Promise<void> {
    const now = clock.steady();
    for (const kind of this.parts.kinds.values()) {
      const { schedule } = kind;
      if (schedule === undefined || !Number.isFinite(schedule.every)) continue;
      const last = await this.parts.last(kind.name);
      const since = last === undefined ? schedule.every : clock.wall() - last.getTime();
      const wait = Math.min(schedule.every, Math.max(schedule.firstAfter, schedule.every - Math.max(0, since)));
      this.#due.set(kind, now + wait);
    }
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#stopped || this.#due.size === 0) return;
    const wait = Math.min(...this.#due.values()) - clock.steady();
    const planned = Math.min(longestWait, Math.max(1, wait));
    outsideOfChanges(() => {
      this.#timer = setTimeout(() => void this.#make(), planned).unref();
    });
  }

  async #make(): Promise<void> {
    const now = clock.steady();
    for (const [kind, due] of this.#due) {
      if (due > now || kind.schedule === undefined) continue;
      this.#due.set(kind, now + kind.schedule.every);
      try {
        await this.parts.make(kind.name, kind.schedule);
      } catch (error) {
        this.parts.log.warn({ error, kind: kind.name }, 'scheduled job not made');
      }
    }
    this.#plan();
  }
}
