import { Worker } from 'node:worker_threads';
import { Mutex } from '../async/mutex.js';
import { NotNow } from '../changes/consumer.js';
import type { Mirrored, MirrorProblem } from './mirror.js';
import type { MirrorOrder, MirrorReport } from './mirror-worker.js';

/** Hears of everything a run has to say. */
export interface MirrorListener {
  mirrored?(sum: Mirrored): void;
  problem?(problem: MirrorProblem): void;
  /** Ends the run. */
  readonly gone?: AbortSignal | undefined;
}

/** Milliseconds without work after which the thread ends. */
const patience = 1_000;

/**
 * The thread that writes the layout, one order at a time. It reads the database on a connection of its own, so no request waits for it, and
 * ends when there is nothing to do.
 */
export class MirrorThread {
  readonly #turn = new Mutex();
  #thread: Worker | undefined;
  /** What becomes of what the thread says, and of its end. */
  #heard: (said: MirrorReport) => void = () => undefined;
  #ended: (error: Error) => void = () => undefined;
  #idle: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly worker: URL,
    private readonly dataDir: string,
  ) {}

  /** Resolves when it is done and durable. Throws NotNow when the disk or the database does not allow it for now. */
  run(order: MirrorOrder, listener: MirrorListener): Promise<void> {
    return this.#turn.run(() => this.#run(order, listener));
  }

  /** Ends what runs, which rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#idle);
    await this.#thread?.terminate();
    await this.#turn.run(async () => undefined);
  }

  async #run(order: MirrorOrder, listener: MirrorListener): Promise<void> {
    if (this.#stopped || listener.gone?.aborted) throw new Error('the mirror is stopped');
    clearTimeout(this.#idle);
    const thread = this.#started();
    const end = () => void thread.terminate();
    listener.gone?.addEventListener('abort', end, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#heard = (said) => {
          if ('mirrored' in said) listener.mirrored?.(said.mirrored);
          else if ('problem' in said) listener.problem?.(said.problem);
          else if ('done' in said) resolve();
          else reject(said.code === undefined ? new Error(said.failed) : new NotNow(said.failed));
        };
        this.#ended = reject;
        thread.postMessage(order);
      });
    } finally {
      listener.gone?.removeEventListener('abort', end);
      this.#idle = setTimeout(() => this.#end(), patience).unref();
    }
  }

  #started(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Worker(this.worker, { workerData: { dataDir: this.dataDir } });
    thread.unref();
    const over = (error: Error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#ended(error);
    };
    thread.on('message', (said: MirrorReport) => this.#heard(said));
    thread.on('error', over);
    thread.on('exit', () => over(new Error('the mirror was stopped')));
    this.#thread = thread;
    return thread;
  }

  #end(): void {
    this.#thread?.postMessage('end');
    this.#thread = undefined;
  }
}
