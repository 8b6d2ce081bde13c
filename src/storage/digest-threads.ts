import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DigestAlgorithm } from '../oci/digest.js';
import type { DigestQuestion } from './digest-worker.js';
import type { RunningHash } from './running-hash.js';

/** Milliseconds without a hash after which a thread ends. */
const idleAfter = 10_000;

/**
 * Digests of large uploads, computed in threads of their own: SHA-256 takes most of the processor time of a push, and the
 * main thread has sockets to read. They start with the first hash and end when there is none.
 */
export class DigestThreads {
  readonly #threads = new Set<DigestThread>();

  /** @param worker the compiled `digest-worker.js`, for a caller that runs from the sources */
  constructor(
    private readonly worker = new URL('./digest-worker.js', import.meta.url),
    private readonly most = Math.min(4, Math.max(1, availableParallelism() - 1)),
  ) {}

  open(algorithm: DigestAlgorithm): RunningHash {
    const [leastBusy] = [...this.#threads].sort((one, other) => one.hashes - other.hashes);
    const free = leastBusy !== undefined && (leastBusy.hashes === 0 || this.#threads.size >= this.most);
    return (free ? leastBusy : this.#start()).open(algorithm);
  }

  /** Ends the threads; whoever waits for one is told. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #start(): DigestThread {
    const thread = new DigestThread(new Worker(this.worker), () => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }
}

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

class DigestThread {
  /** Those who asked, in the order of the answers. */
  readonly #waiting: Waiting[] = [];
  #opened = 0;
  #hashes = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly onEnd: () => void,
  ) {
    worker.unref();
    worker.on('message', (answer: string) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => {
      this.onEnd();
      this.#fail(new Error('the digest thread has ended'));
    });
  }

  /** How many are being computed. */
  get hashes(): number {
    return this.#hashes;
  }

  open(algorithm: DigestAlgorithm): RunningHash {
    clearTimeout(this.#rest);
    const hash = ++this.#opened;
    this.#hashes++;
    let dropped = false;
    return {
      update: (chunks) => this.#update(hash, algorithm, chunks),
      hex: () => this.#ask({ kind: 'hex', hash, algorithm }),
      drop: () => {
        if (!dropped) {
          dropped = true;
          this.#drop(hash);
        }
      },
    };
  }

  async end(): Promise<void> {
    clearTimeout(this.#rest);
    this.onEnd();
    await this.worker.terminate();
  }

  /** Memory that both threads see is not copied again. */
  async #update(hash: number, algorithm: DigestAlgorithm, chunks: readonly Uint8Array[]): Promise<void> {
    const [first] = chunks;
    const shared = chunks.length === 1 && first?.buffer instanceof SharedArrayBuffer;
    const bytes = shared ? first : new Uint8Array(Buffer.concat(chunks));
    await this.#ask({ kind: 'update', hash, algorithm, bytes });
  }

  #drop(hash: number): void {
    const question: DigestQuestion = { kind: 'drop', hash };
    this.worker.postMessage(question);
    this.#hashes--;
    if (this.#hashes === 0) {
      this.#rest = setTimeout(() => void this.end(), idleAfter).unref();
    }
  }

  #ask(question: DigestQuestion): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.worker.postMessage(question);
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) {
      reject(error);
    }
  }
}
