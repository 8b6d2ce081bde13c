import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { clock } from '../async/clock.js';
import type { Scrubbed, ScrubOrder } from './scrub-worker.js';

export interface ScrubberOptions {
  readonly dataDir: string;
  /** Milliseconds in which every blob is read once; infinite for never. */
  readonly intervalMs: number;
  readonly log: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** The compiled `scrub-worker.js`, for a caller that runs from the sources. */
  readonly worker?: URL;
}

/** Blobs fall into as many parts, by the first two digits of their digests. */
const parts = 256;
/** Milliseconds between steps, at least: a step takes all parts that are due. */
const shortestStep = 1_000;
/** Milliseconds a timer can wait. */
const longestStep = 2 ** 31 - 1;

/**
 * Reads every blob once in an interval, to find what rotted on the disk before somebody needs it. The clock alone says which part
 * is due, so nothing has to be remembered across restarts. Each step runs in a thread of its own, which rests three times as long
 * as it reads, and sets damaged files aside: they are then not there for clients that push, and an error for those that pull.
 */
export class Scrubber implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #thread: Worker | undefined;
  /** Parts due since the beginning of time, as far as they were taken. */
  #taken: number;

  constructor(private readonly options: ScrubberOptions) {
    this.#taken = this.#due();
  }

  onApplicationBootstrap(): void {
    const step = this.options.intervalMs / parts;
    if (step > longestStep) return;
    this.#timer = setInterval(() => void this.#step(), Math.max(shortestStep, step)).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread?.terminate();
  }

  #due(): number {
    return Math.floor((clock.wall() * parts) / this.options.intervalMs);
  }

  /** Nothing while the step before still reads; what it missed is taken by the next. */
  async #step(): Promise<void> {
    if (this.#thread !== undefined) return;
    const due = this.#due();
    const count = Math.min(parts, due - this.#taken);
    this.#taken = due;
    const order: ScrubOrder = {
      dataDir: this.options.dataDir,
      prefixes: Array.from({ length: count }, (_, back) => prefixOf(due - back)),
    };
    const thread = new Worker(this.options.worker ?? new URL('./scrub-worker.js', import.meta.url), {
      workerData: order,
    });
    this.#thread = thread;
    thread.unref();
    thread.on('message', (scrubbed: Scrubbed) =>
      this.options.log.error(scrubbed, 'damaged blob set aside: push it again; berth fsck names the images'),
    );
    try {
      await once(thread, 'exit');
    } catch (error) {
      this.options.log.warn({ error }, 'blobs not scrubbed');
    }
    this.#thread = undefined;
  }
}

function prefixOf(part: number): string {
  return (part % parts).toString(16).padStart(2, '0');
}
