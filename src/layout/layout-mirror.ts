import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Database, PreparedRead } from '../database/database.js';
import { Mutex } from '../database/mutex.js';
import type { Mirrored, MirrorProblem } from './mirror.js';
import type { MirrorOrder, MirrorReport } from './mirror-worker.js';

export interface LayoutMirrorOptions {
  readonly database: Database;
  readonly dataDir: string;
  /** Whether changes are followed as they come. */
  readonly enabled: boolean;
  /** Bytes of the disk that are left alone while changes are followed; none when left out. */
  readonly reserve?: () => Promise<number>;
  readonly log: { warn(fields: object, message: string): void };
  /** The compiled `mirror-worker.js`, for a caller that runs from the sources. */
  readonly worker?: URL;
}

/** Milliseconds between looks at what was noted; a change is in the layout soon after the next one. */
const interval = 10_000;

/** Hears of everything a run has to say. */
export interface MirrorListener {
  mirrored?(sum: Mirrored): void;
  problem?(problem: MirrorProblem): void;
  /** Ends the run. */
  readonly gone?: AbortSignal;
}

/**
 * Follows the index with files in CNCF Distribution's layout (docs/adr/0014). What changed is noted in the transaction of the change
 * and crossed out once it is durable in the layout, so a kill at any moment loses nothing. All work is done by a thread, which reads
 * the database on a connection of its own and ends when there is nothing left to do: no request waits for it.
 */
export class LayoutMirror implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #turn = new Mutex();
  readonly #noted: PreparedRead<{ seq: number }>;
  #timer: NodeJS.Timeout | undefined;
  #thread: Worker | undefined;
  #stopped = false;

  constructor(private readonly options: LayoutMirrorOptions) {
    this.#noted = options.database.prepare('SELECT seq FROM layout_changes LIMIT 1');
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.options.enabled) this.#timer = setInterval(() => void this.#look(), interval).unref();
    else await this.#noteEverything();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#thread?.terminate();
    await this.#turn.run(async () => undefined);
  }

  /** Resolves when everything that was noted before is durable in the layout. */
  catchUp(listener: MirrorListener = {}): Promise<void> {
    return this.#ask({ everything: false, gently: false, leave: 0 }, listener);
  }

  /** The same for all there is, noted or not. */
  complete(listener: MirrorListener): Promise<void> {
    return this.#ask({ everything: true, gently: false, leave: 0 }, listener);
  }

  async #look(): Promise<void> {
    if (this.#thread !== undefined) return;
    try {
      if ((await this.#noted.find()) === undefined) return;
      await this.#ask(
        { everything: false, gently: true, leave: (await this.options.reserve?.()) ?? 0 },
        { problem: (problem) => this.options.log.warn({ ...problem }, 'not in the layout on the disk') },
      );
    } catch (error) {
      if (!this.#stopped) this.options.log.warn({ error }, 'the layout on the disk does not follow; trying again');
    }
  }

  #ask(order: Omit<MirrorOrder, 'dataDir'>, listener: MirrorListener): Promise<void> {
    return this.#turn.run(() => this.#run({ ...order, dataDir: this.options.dataDir }, listener));
  }

  async #run(order: MirrorOrder, listener: MirrorListener): Promise<void> {
    if (this.#stopped) throw new Error('the mirror is stopped');
    const thread = new Worker(this.options.worker ?? new URL('./mirror-worker.js', import.meta.url), {
      workerData: order,
    });
    this.#thread = thread;
    const end = () => void thread.terminate();
    listener.gone?.addEventListener('abort', end, { once: true });
    let crossedOut: Promise<void> = Promise.resolve();
    thread.on('message', (said: MirrorReport) => {
      if ('through' in said) crossedOut = crossedOut.then(() => this.#crossOut(said.through));
      else if ('mirrored' in said) listener.mirrored?.(said.mirrored);
      else listener.problem?.(said.problem);
      crossedOut.catch(() => undefined); // told by the await below
    });
    try {
      const [code] = await once(thread, 'exit');
      if (code !== 0) throw new Error('the mirror was stopped');
    } finally {
      this.#thread = undefined;
      listener.gone?.removeEventListener('abort', end);
      await crossedOut;
    }
  }

  async #crossOut(through: number): Promise<void> {
    await this.options.database.write(async (tx) => {
      await tx.sql`DELETE FROM layout_changes WHERE seq <= ${through}`;
    });
  }

  /** Pushes are not noted while it is off, so there will be everything to do when it is on again. */
  async #noteEverything(): Promise<void> {
    await this.options.database.write(async (tx) => {
      await tx.sql`INSERT INTO layout_changes (repository, changed)
        SELECT '', '*' WHERE NOT EXISTS (SELECT 1 FROM layout_changes WHERE repository = '')`;
    });
  }
}
