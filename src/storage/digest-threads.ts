import { availableParallelism } from 'node:os';
import type { DigestAlgorithm } from '../oci/digest.js';
import { AnsweringThreads } from './answering-threads.js';
import type { DigestQuestion } from './digest-worker.js';
import { forThread } from './for-thread.js';
import type { RunningHash } from './running-hash.js';

/**
 * Digests of large uploads, computed in threads of their own: SHA-256 takes most of the processor time of a push, and the
 * main thread has sockets to read.
 */
export class DigestThreads {
  readonly #threads: AnsweringThreads<DigestQuestion, string>;
  #opened = 0;

  /** @param worker the compiled `digest-worker.js`, for a caller that runs from the sources */
  constructor(
    worker = new URL('./digest-worker.js', import.meta.url),
    private readonly most = Math.min(4, Math.max(1, availableParallelism() - 1)),
  ) {
    this.#threads = new AnsweringThreads(worker);
  }

  open(algorithm: DigestAlgorithm): RunningHash {
    const thread = this.#threads.take(this.most);
    const hash = ++this.#opened;
    let dropped = false;
    return {
      update: async (chunks) => {
        await thread.ask({ kind: 'update', hash, algorithm, bytes: forThread(chunks) });
      },
      hex: () => thread.ask({ kind: 'hex', hash, algorithm }),
      drop: () => {
        if (!dropped) {
          dropped = true;
          thread.tell({ kind: 'drop', hash });
          thread.release();
        }
      },
    };
  }

  /** Ends the threads; whoever waits for one is told. */
  async close(): Promise<void> {
    await this.#threads.close();
  }
}
