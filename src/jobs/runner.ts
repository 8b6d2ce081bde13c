import { outsideOfChanges, type Question } from '../access/origin.js';
import { clock } from '../async/clock.js';
import { Mutex } from '../async/mutex.js';
import { HeldJob, shownText } from './held-job.js';
import type { Job, JobDelay, JobEnding, JobWrite } from './job.js';
import type { JobKind } from './kind.js';
import type { JobQueue } from './queue.js';

export interface JobLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RunnerParts {
  readonly queue: JobQueue;
  readonly kinds: ReadonlyMap<string, JobKind>;
  /** What is asked as long as the job runs; undefined when nobody has to ask. */
  readonly question: (job: Job) => Question | undefined;
  /** Something of this job is written down. */
  readonly told: (id: number) => void;
  /** A job has ended. */
  readonly ended: () => void;
  readonly log: JobLog;
}

/** Milliseconds in which what jobs say gathers, and between two signs of life of those that say nothing. */
const gatheredFor = 250;
const beatEvery = 10_000;
/** Milliseconds until the next try when the queue could not be asked, and that a timer waits at most, since clocks are set. */
const againAfter = 5_000;
const longestWait = 3_600_000;
/** Milliseconds between a failed attempt and the next: doubling, up to this. */
const longestBackOff = 600_000;
/** Milliseconds that a stop waits for jobs to come to rest. */
const restWithin = 5_000;

const doubling = (attempt: number): number => Math.min(longestBackOff, 1_000 * 2 ** (attempt - 1));

/** Begins what waits when its time has come, and writes down what comes of it. Sleeps when there is nothing to do: nothing polls. */
export class JobRunner {
  readonly #held = new Map<number, HeldJob>();
  readonly #performing = new Set<Promise<void>>();
  readonly #looking = new Mutex();
  readonly #writing = new Mutex();
  #lookPlanned = false;
  #lookTimer: NodeJS.Timeout | undefined;
  #writeTimer: NodeJS.Timeout | undefined;
  #beatTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly parts: RunnerParts) {}

  /** Takes up what an earlier process left: it ends, or waits for another attempt. To be called before anything is begun. */
  async start(): Promise<void> {
    const { queue, kinds } = this.parts;
    const left = await queue.running();
    if (left.length > 0) {
      await queue.write(
        left.map((job) => ({
          id: job.id,
          lease: job.lease,
          progress: job.progress,
          lines: [],
          outcome: this.#left(job),
        })),
      );
    }
    await queue.failUnknown([...kinds.keys()]);
    this.wake();
  }

  /** There may be something to begin. */
  wake(): void {
    if (this.#lookPlanned || this.#stopped) return;
    this.#lookPlanned = true;
    outsideOfChanges(() => {
      void this.#looking.run(() => {
        this.#lookPlanned = false;
        return this.#look();
      });
    });
  }

  /** Tells a job that it is to come to rest. False when it does not run here. */
  cancel(id: number): boolean {
    const held = this.#held.get(id);
    held?.halt('cancelled', 'cancelled');
    return held !== undefined;
  }

  /** Resolves when nothing runs any more, or what does not come to rest was left to the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#lookTimer);
    await this.#looking.run(async () => undefined);
    for (const held of this.#held.values()) held.halt('stopped', 'the server stopped');
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      late = setTimeout(resolve, restWithin);
    });
    await Promise.race([Promise.all(this.#performing), patience]);
    for (const timer of [late, this.#writeTimer, this.#beatTimer]) clearTimeout(timer);
    await this.#writing.run(async () => undefined);
  }

  /** Begins what can begin, and comes back when the next may. */
  async #look(): Promise<void> {
    clearTimeout(this.#lookTimer);
    let wait = Number.POSITIVE_INFINITY;
    try {
      for (const kind of this.parts.kinds.values()) {
        if (this.#stopped) return;
        wait = Math.min(wait, await this.#beginOf(kind));
      }
    } catch (error) {
      this.parts.log.warn({ error }, 'jobs not looked for; trying again');
      wait = againAfter;
    }
    if (wait === Number.POSITIVE_INFINITY || this.#stopped) return;
    this.#lookTimer = setTimeout(() => this.wake(), Math.min(longestWait, Math.max(1, wait))).unref();
  }

  /** Milliseconds until the next of the kind may begin, as far as there is room for it. */
  async #beginOf(kind: JobKind): Promise<number> {
    const { queue } = this.parts;
    const atWork = [...this.#held.values()].filter(({ job }) => job.kind === kind.name).length;
    const free = (kind.concurrency ?? 1) - atWork;
    if (free <= 0) return Number.POSITIVE_INFINITY;
    const begun = await queue.claim(kind.name, free);
    for (const job of begun) this.#begin(kind, job);
    if (begun.length === free) return Number.POSITIVE_INFINITY; // an end makes room, and looks again
    const next = await queue.nextAt(kind.name);
    return next === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next.getTime() - clock.wall());
  }

  #begin(kind: JobKind, job: Job): void {
    const held = new HeldJob(job, () => this.#writeSoon());
    this.#held.set(job.id, held);
    if (job.cancelRequestedAt !== null) held.halt('cancelled', 'cancelled');
    this.#beatTimer ??= setTimeout(() => this.#beat(), beatEvery).unref();
    this.parts.told(job.id);
    const performing = this.#perform(kind, held).finally(() => this.#performing.delete(performing));
    this.#performing.add(performing);
  }

  async #perform(kind: JobKind, held: HeldJob): Promise<void> {
    const { job } = held;
    try {
      await this.parts.question(job)?.();
      held.signal.throwIfAborted();
      await kind.perform(kind.parse(job.payload), held);
      held.outcome = { state: 'succeeded', error: null };
    } catch (error) {
      held.outcome = this.#afterFailure(kind, held, error);
    }
    await this.#write();
  }

  #afterFailure(kind: JobKind, { job, halted }: HeldJob, error: unknown): JobEnding | JobDelay {
    const reason = shownText(halted?.message ?? (error instanceof Error ? error.message : String(error)));
    const more = job.attempt < (kind.attempts ?? 1);
    if (halted?.why === 'cancelled') return { state: 'cancelled', error: null };
    if (halted?.why === 'stopped') {
      const mayAgain = (kind.attempts ?? 1) > 1;
      if (!mayAgain) return { state: 'interrupted', error: reason };
      return { state: 'queued', error: reason, runAt: new Date(clock.wall()), uncounted: true };
    }
    const { id, attempt } = job;
    this.parts.log.warn({ error, job: id, kind: kind.name, attempt }, more ? 'job failed; trying again' : 'job failed');
    if (halted !== undefined || !more) return { state: 'failed', error: reason };
    const pause = (kind.backOff ?? doubling)(attempt);
    return { state: 'queued', error: reason, runAt: new Date(clock.wall() + pause), uncounted: false };
  }

  /** What becomes of a job that was running when the process before this one ended. */
  #left({ kind, attempt, cancelRequestedAt }: Job): JobEnding | JobDelay {
    const error = 'the server ended while it ran';
    if (cancelRequestedAt !== null) return { state: 'cancelled', error: null };
    if (attempt >= (this.parts.kinds.get(kind)?.attempts ?? 1)) return { state: 'interrupted', error };
    return { state: 'queued', error, runAt: new Date(clock.wall()), uncounted: false };
  }

  #writeSoon(): void {
    outsideOfChanges(() => {
      this.#writeTimer ??= setTimeout(() => void this.#write(), gatheredFor).unref();
    });
  }

  /** A sign of life of all that run. */
  #beat(): void {
    this.#beatTimer = undefined;
    if (this.#held.size === 0) return;
    this.#beatTimer = setTimeout(() => this.#beat(), beatEvery).unref();
    void this.#write(() => true);
  }

  /** Writes down what was said, in one transaction for all. What could not be written is tried again with the next sign of life. */
  #write(also: (held: HeldJob) => boolean = () => false): Promise<void> {
    return this.#writing.run(async () => {
      clearTimeout(this.#writeTimer);
      this.#writeTimer = undefined;
      const some = [...this.#held.values()].filter((held) => held.waits || also(held));
      if (some.length === 0) return;
      const writes = some.map((held) => ({ held, write: held.write() }));
      try {
        const lost = new Set(await this.parts.queue.write(writes.map(({ write }) => write)));
        for (const { held, write } of writes) this.#written(held, write, lost.has(held.id));
      } catch (error) {
        this.parts.log.warn({ error }, 'what jobs say not written down; trying again');
      }
    });
  }

  #written(held: HeldJob, write: JobWrite, lost: boolean): void {
    held.written(write);
    if (lost) held.halt('lost', 'taken away');
    if (write.outcome !== undefined) {
      this.#held.delete(held.id);
      this.parts.ended();
      this.wake();
    } else void this.#askAgain(held);
    this.parts.told(held.id);
  }

  /** Whoever had it run may have lost the right to it. */
  async #askAgain(held: HeldJob): Promise<void> {
    try {
      await this.parts.question(held.job)?.();
    } catch (refusal) {
      held.halt('refused', refusal instanceof Error ? refusal.message : String(refusal));
    }
  }
}
