import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { FairQueue } from '../async/fair-queue.js';
import { Failure } from '../errors/failure.js';
import type { HashTask } from './hash-worker.js';

/** Each is served in turn while anything waits in it, so none of them waits for the others to be empty. */
const lanes = ['signed-in', 'known', 'stranger'] as const;

/** For whom the work is, and where it waits. */
export interface Waiting {
  /** `signed-in`: of somebody who has proved who they are; `known`: an account that signed in from there before; `stranger`: all others. */
  readonly lane: (typeof lanes)[number];
  /** Those of one lane take turns by this: an account or an address. */
  readonly owner: string;
  /** Asked when it is its turn; what it throws is the answer, and nothing is hashed. */
  readonly admit?: () => void;
}

interface Job {
  readonly task: HashTask;
  readonly admit: (() => void) | undefined;
  readonly resolve: (answer: string | boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Most jobs that wait in a lane: about thirteen seconds of work for two threads. */
const laneLimit = 256;
/** Milliseconds without work after which the threads end. */
const idleAfter = 10_000;
const maxWorkers = Math.min(2, availableParallelism());

/**
 * bcrypt over a SHA-512 of the password, in threads of its own that start with the first job and end when idle.
 * The pre-hash is there because bcrypt reads 72 bytes and stops at a NUL; of its 88 base64 characters bcrypt still sees 432 bits.
 */
export class PasswordHasher {
  readonly #waiting = lanes.map(() => new FairQueue<Job>({ total: laneLimit }));
  #lane = 0;
  readonly #idle: Worker[] = [];
  readonly #jobs = new Map<Worker, Job>();
  #rest: NodeJS.Timeout | undefined;

  /** @param worker the compiled `hash-worker.js`, for a caller that runs from the sources. */
  constructor(private readonly worker = new URL('./hash-worker.js', import.meta.url)) {}

  /** Throws TOO_MANY_REQUESTS when too many wait already. */
  async hash(password: string, waiting: Waiting): Promise<string> {
    return String(await this.#enqueue({ secret: prehash(password) }, waiting));
  }

  /** Whether `hash` was made of this password. Throws TOO_MANY_REQUESTS when too many wait already. */
  async verify(password: string, hash: string, waiting: Waiting): Promise<boolean> {
    return (await this.#enqueue({ secret: prehash(password), hash }, waiting)) === true;
  }

  /** Ends the threads; jobs under way and those that wait are rejected. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.#rest);
    for (let job = this.#next(); job !== undefined; job = this.#next()) job.reject(ended());
    await Promise.all([...this.#idle.splice(0), ...this.#jobs.keys()].map((worker) => worker.terminate()));
  }

  #enqueue(task: HashTask, { lane, owner, admit }: Waiting): Promise<string | boolean> {
    return new Promise((resolve, reject) => {
      const tooMany = this.#waiting[lanes.indexOf(lane)]?.add(owner, { task, admit, resolve, reject });
      tooMany?.reject(new Failure('TOO_MANY_REQUESTS', { headers: { 'Retry-After': '1' } }));
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#idle.length > 0 || this.#jobs.size < maxWorkers) {
      const job = this.#next();
      if (job === undefined) return;
      const worker = this.#idle.pop() ?? this.#startWorker();
      this.#jobs.set(worker, job);
      worker.ref();
      worker.postMessage(job.task);
    }
  }

  /** The next job that is still admitted, of the lane whose turn it is. */
  #next(): Job | undefined {
    for (let empty = 0; empty < lanes.length; ) {
      this.#lane = (this.#lane + 1) % lanes.length;
      const job = this.#waiting[this.#lane]?.take();
      if (job !== undefined && isAdmitted(job)) return job;
      empty = job === undefined ? empty + 1 : 0;
    }
    return undefined;
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
      this.#jobs.get(worker)?.reject(ended());
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

function ended(): Error {
  return new Error('the password hashing thread ended');
}

function isAdmitted({ admit, reject }: Job): boolean {
  try {
    admit?.();
    return true;
  } catch (error) {
    reject(error);
    return false;
  }
}

/** Composed characters, so that the same password typed on another system is the same. */
function prehash(password: string): string {
  return createHash('sha512').update(password.normalize('NFC')).digest('base64');
}
