import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface CheckpointerOptions {
  /** The database file. */
  readonly file: string;
  /** The compiled `checkpoint-worker.js`. */
  readonly worker: URL;
  /** Bytes of log at which a checkpoint starts while writes go on: 64 MiB unless said. */
  readonly largest?: number | undefined;
  /** Bytes in the write-ahead log now. */
  readonly logSize: () => number;
  /** Runs `work` while no write runs. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  /** Hears why a checkpoint failed. */
  readonly failed: (error: unknown) => void;
}

const mebibyte = 1024 * 1024;
const usualLargest = 64 * mebibyte;
/** Bytes of log that are worth a thread once writes have stopped. */
const worthwhile = mebibyte;
/** Milliseconds without a write that count as stopped. */
const idleAfter = 10_000;

/**
 * Folds the write-ahead log into the database in a thread that lives for one checkpoint: SQLite's own automatic checkpoints sync
 * on the calling thread, which is the event loop, and a thread kept waiting would hold memory for nothing.
 */
export class Checkpointer {
  #running: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #large: number;
  #threshold: number;
  #closed = false;

  constructor(private readonly options: CheckpointerOptions) {
    this.#large = this.#threshold = options.largest ?? usualLargest;
  }

  /** To be called after each durable write; starts a checkpoint when one is due. */
  committed(): void {
    if (this.#closed) return;
    this.#idle ??= setTimeout(() => this.#runAbove(worthwhile), idleAfter).unref();
    this.#idle.refresh();
    this.#runAbove(this.#threshold);
  }

  /** Resolves when the log is folded in, or could not be for now. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#checkpoint()
      .catch(this.options.failed)
      .finally(() => {
        this.#running = undefined;
        // A log that a reader outside the process kept from shrinking is tried again when it has grown as much once more.
        this.#threshold = this.options.logSize() + this.#large;
      });
    return this.#running;
  }

  /** Ends after the running checkpoint; no other starts. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    await this.#running;
  }

  #runAbove(size: number): void {
    if (!this.#closed && this.#running === undefined && this.options.logSize() >= size) void this.run();
  }

  async #checkpoint(): Promise<void> {
    const worker = new Worker(this.options.worker, { workerData: this.options.file });
    try {
      await once(worker, 'message');
      await this.options.alone(async () => {
        const emptied = once(worker, 'message');
        worker.postMessage('empty');
        await emptied;
      });
    } finally {
      await worker.terminate();
    }
  }
}
