import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SqlValue } from './database.js';

export interface SearchQuestion {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Rows, or in words why there are none. */
export type SearchAnswer = { readonly rows: unknown[] } | { readonly error: string };

export interface SearchProcessOptions {
  /** The database file. */
  readonly file: string;
  /** The compiled `search-worker.js`. */
  readonly worker: URL;
  /** Milliseconds a question waits for a lock held by a tool outside of Berth. */
  readonly patience: number;
}

interface Waiting {
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A process that reads, one question at a time. A process and not a thread, because nothing stops a thread that is inside of SQLite:
 * `Worker.terminate` waits until the query is through, and so does the end of the whole program.
 */
export class SearchProcess {
  readonly #child: ChildProcess;
  readonly #endWithUs = () => this.#child.kill('SIGKILL');
  #waiting: Waiting | undefined;
  #over = false;

  constructor({ file, worker, patience }: SearchProcessOptions) {
    this.#child = fork(fileURLToPath(worker), [file, String(patience)], {
      execArgv: [],
      serialization: 'advanced',
      // It must not hold what somebody else waits for the end of.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (answer: SearchAnswer) => this.#answered(answer));
    this.#child.on('error', (error) => this.#lost(error));
    this.#child.on('exit', () => this.#lost(new Error('the search process ended')));
    process.on('exit', this.#endWithUs);
    this.#hold(false);
  }

  /** Whether it has gone, or is about to. */
  get over(): boolean {
    return this.#over;
  }

  /** Fails when the query is wrong or the process ends. The one before must have been answered. */
  async ask({ sql, values }: SearchQuestion): Promise<unknown[]> {
    this.#hold(true);
    try {
      return await new Promise<unknown[]>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#child.send({ sql, values } satisfies SearchQuestion, (error) => error && this.#lost(error));
      });
    } finally {
      this.#waiting = undefined;
      this.#hold(false);
    }
  }

  /** At once, whatever it is doing; what it was asked fails with `reason`. */
  async end(reason: Error): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const gone = exitCode !== null || signalCode !== null || this.#child.pid === undefined;
    const ended = gone ? undefined : once(this.#child, 'exit');
    this.#child.ref(); // else a program that has nothing more to do ends here, in the middle of its own end
    this.#lost(reason);
    await ended;
  }

  #answered(answer: SearchAnswer): void {
    if ('rows' in answer) this.#waiting?.resolve(answer.rows);
    else this.#waiting?.reject(new Error(answer.error));
  }

  #lost(error: Error): void {
    this.#waiting?.reject(error);
    if (this.#over) return;
    this.#over = true;
    process.off('exit', this.#endWithUs);
    this.#child.kill('SIGKILL');
  }

  /** Whether our own process lives on for its sake. */
  #hold(wanted: boolean): void {
    if (this.#child.pid === undefined) return;
    if (wanted) {
      this.#child.ref();
      this.#child.channel?.ref();
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }
}
