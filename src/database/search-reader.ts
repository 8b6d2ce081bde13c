import { Worker } from 'node:worker_threads';
import type { SqlValue } from './database.js';

export interface SearchQuestion {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Rows, or in words why there are none. */
export type SearchAnswer =
  | { readonly id: number; readonly rows: unknown[] }
  | { readonly id: number; readonly error: string };

export interface SearchReaderOptions {
  /** The database file. */
  readonly file: string;
  /** The compiled `search-worker.js`. */
  readonly worker: URL;
  /** Milliseconds a question waits for a lock held by a tool outside the process. */
  readonly patience: number;
  /** Milliseconds without a question after which the thread ends and gives its memory back. */
  readonly idleAfter?: number;
}

interface Waiting {
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Reads in a thread of its own, so that a search over a million rows holds up no request. The thread starts with the first
 * question, answers one after the other, and ends when nobody has asked for a while.
 */
export class SearchReader {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #count = 0;
  #closed = false;

  constructor(private readonly options: SearchReaderOptions) {}

  /** Whether the thread is there. */
  get running(): boolean {
    return this.#worker !== undefined;
  }

  async ask<Row>(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    if (this.#closed) throw new Error('the database is closed');
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    worker.ref();
    const id = this.#count++;
    try {
      const rows = await new Promise<unknown[]>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        worker.postMessage({ id, sql, values } satisfies SearchQuestion);
      });
      return rows as Row[]; // what the query selects is the asker's to know, as with every query
    } finally {
      this.#waiting.delete(id);
      this.#restLater();
    }
  }

  /** Ends the thread; questions still waiting fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stop();
  }

  #start(): Worker {
    const { file, worker: url, patience } = this.options;
    const worker = new Worker(url, { workerData: { file, patience } });
    worker.on('message', (answer: SearchAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      if ('rows' in answer) waiting?.resolve(answer.rows);
      else waiting?.reject(new Error(answer.error));
    });
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, new Error('the search thread ended')));
    return worker;
  }

  /** The next question gets another thread. */
  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  #restLater(): void {
    clearTimeout(this.#idle);
    if (this.#closed || this.#waiting.size > 0) return;
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.#stop(), this.options.idleAfter ?? 10_000).unref();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#lost(worker, new Error('the database is closed'));
    await worker.terminate();
  }
}
