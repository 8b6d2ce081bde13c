import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Failure } from '../errors/failure.js';
import type { HashTask } from './hash-worker.js';

interface Job {
  readonly task: HashTask;
  readonly resolve: (answer: string | boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Waiting jobs beyond which sign-ins are turned away. */
const queueLimit = 256;
/** Milliseconds without work after which the threads end. */
const idleAfter = 10_000;
const maxWorkers = Math.min(2, availableParallelism());

/**
 * bcrypt over a SHA-512 of the password, in threads of its own that start with the first job and end when idle.
 * The pre-hash is there because bcrypt reads 72 bytes and stops at a NUL; of its 88 base64 characters bcrypt still sees 432 bits.
 */
export class PasswordHasher {
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  readonly #jobs = new Map<Worker, Job>();
  #rest: NodeJS.Timeout | undefined;

  /** @param worker the compiled `hash-worker.js`, for a caller that runs from the sources. */
  constructor(private readonly worker = new URL('./hash-worker.js', import.meta.url)) {}

  /** Throws TOO_MANY_REQUESTS when too many wait already. */
  async hash(password: string): Promise<string> {
    return String(await this.#enqueue({ secret: prehash(password) }));
  }

  /** Whether `hash` was made of this password. Throws TOO_MANY_REQUESTS when too many wait already. */
  async verify(password: string, hash: string): Promise<boolean> {
    return (await this.#enqueue({ secret: prehash(password), hash })) === true;
  }

  /** Ends the threads; jobs under way are rejected. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.#rest);
    await Promise.all([...this.#idle.splice(0), ...this.#jobs.keys()].map((worker) => worker.terminate()));
  }

  #enqueue(task: HashTask): Promise<string | boolean> {
    if (this.#waiting.length >= queueLimit)
      return Promise.reject(new Failure('TOO_MANY_REQUESTS', { headers: { 'Retry-After': '1' } }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? (this.#jobs.size < maxWorkers ? this.#startWorker() : undefined);
      const job = worker === undefined ? undefined : this.#waiting.shift();
      if (worker === undefined || job === undefined) return;
      this.#jobs.set(worker, job);
      worker.ref();
      worker.postMessage(job.task);
    }
  }

  #startWorker(): Worker {
    const worker = new Worker(this.worker);
    worker.on('message', (answer: string | boolean) => {
      this.#jobs.get(worker)?.resolve(answer);
      this.#jobs.delete(worker);
      this.#idle.push(worker);
      worker.unref();
      this.#dispatch();
      this.#restLater();
    });
    worker.on('error', (error) => this.#jobs.get(worker)?.reject(error));
    worker.on('exit', () => {
      this.#jobs.get(worker)?.reject(new Error('the password hashing thread ended'));
      this.#jobs.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
      this.#dispatch();
    });
    return worker;
  }

  #restLater(): void {
    this.#rest ??= setTimeout(() => {
      for (const worker of this.#idle.splice(0)) void worker.terminate();
    }, idleAfter).unref();
    this.#rest.refresh();
  }
}

/** Composed characters, so that the same password typed on another system is the same. */
function prehash(password: string): string {
  return createHash('sha512').update(password.normalize('NFC')).digest('base64');
}
