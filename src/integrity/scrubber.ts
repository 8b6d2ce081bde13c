import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { clock } from '../async/clock.js';
import { Failure } from '../errors/failure.js';
import type { JobKind, JobRun } from '../jobs/kind.js';
import type { Scrubbed, ScrubOrder } from './scrub-worker.js';

export interface ScrubberOptions {
  readonly dataDir: string;
  /** Milliseconds in which every blob is read once; infinite for never. */
  readonly intervalMs: number;
  readonly log: { error(fields: object, message: string): void };
  /** The compiled `scrub-worker.js`, for a caller that runs from the sources. */
  readonly worker?: URL;
}

/** Which blobs are read: so many parts from this one on. */
type Parts = Readonly<Record<'first' | 'parts', number>>;

/** Blobs fall into as many parts, by the first two digits of their digests. */
const allParts = 256;
/** Milliseconds between steps, at least: a step takes all parts that are due. */
const shortestStep = 1_000;
const foundDamaged = 'damaged blob set aside: push it again; berth fsck names the images';

/**
 * Reads every blob once in an interval, to find what rotted on the disk before somebody needs it. The clock alone says which part
 * is due, so nothing has to be remembered across restarts. Each job runs in a thread of its own, which rests three times as long
 * as it reads, and sets damaged files aside: they are then not there for clients that push, and an error for those that pull.
 */
export class Scrubber {
  /** Parts due since the beginning of time, as far as they were taken. */
  #taken: number;

  constructor(private readonly options: ScrubberOptions) {
    this.#taken = this.#due();
  }

  /** A step whenever parts are due; on demand everything. */
  get kind(): JobKind<Parts> {
    const every = Math.max(shortestStep, this.options.intervalMs / allParts);
    return {
      name: 'blobs.scrub',
      parse: ({ first, parts }) => ({
        first: wholeNumber(first, 0, allParts - 1),
        parts: wholeNumber(parts, 1, allParts),
      }),
      perform: (parts, run) => this.#read(parts, run),
      attempts: 3,
      schedule: { every, firstAfter: every, payload: () => this.#next() },
      onDemand: { first: 0, parts: allParts },
    };
  }

  #due(): number {
    return Math.floor((clock.wall() * allParts) / this.options.intervalMs);
  }

  #next(): Parts | undefined {
    const due = this.#due();
    const parts = Math.min(allParts, due - this.#taken);
    this.#taken = due;
    return parts < 1 ? undefined : { first: (due - parts + 1) % allParts, parts };
  }

  async #read({ first, parts }: Parts, { signal, progress, log }: JobRun): Promise<void> {
    const order: ScrubOrder = {
      dataDir: this.options.dataDir,
      prefixes: Array.from({ length: parts }, (_, further) => prefixOf(first + further)),
    };
    const thread = new Worker(this.options.worker ?? new URL('./scrub-worker.js', import.meta.url), {
      workerData: order,
    });
    thread.unref();
    thread.on('message', (scrubbed: Scrubbed) => {
      if ('done' in scrubbed) return progress({ done: scrubbed.done, total: parts });
      log('error', foundDamaged, scrubbed.digest);
      this.options.log.error(scrubbed, foundDamaged);
    });
    try {
      await once(thread, 'exit', { signal });
    } finally {
      await thread.terminate();
    }
  }
}

function prefixOf(part: number): string {
  return (part % allParts).toString(16).padStart(2, '0');
}

function wholeNumber(value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Failure('VALIDATION_FAILED');
}
