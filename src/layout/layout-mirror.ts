import type { OnApplicationShutdown } from '@nestjs/common';
import type { RecordedChange } from '../changes/changes.store.js';
import type { Consumer } from '../changes/consumer.js';
import type { Consumers } from '../changes/consumers.js';
import { followedKinds, type LayoutKind, type LookAt, toLookAt } from './look-at.js';
import type { MirrorProblem } from './mirror.js';
import { type MirrorListener, MirrorThread } from './mirror-thread.js';

export interface LayoutMirrorOptions {
  readonly consumers: Pick<Consumers, 'catchUp'>;
  readonly dataDir: string;
  /** Whether changes are written as they come; what is gone is removed in any case. */
  readonly enabled: boolean;
  /** Whether there is anything to write at all. */
  readonly hasRepositories: () => Promise<boolean>;
  /** Bytes of the disk that are left alone while changes are followed; none when left out. */
  readonly reserve?: () => Promise<number>;
  readonly log: { warn(fields: object, message: string): void };
  /** The compiled `mirror-worker.js`, for a caller that runs from the sources. */
  readonly worker?: URL;
}

/**
 * Follows the index with files in CNCF Distribution's layout (docs/adr/0014), as a consumer of the changes: a change is in the layout
 * some seconds later, and a kill at any moment loses nothing. All work is done by a thread.
 */
export class LayoutMirror implements Consumer<LayoutKind>, OnApplicationShutdown {
  readonly name = 'layout';
  readonly kinds: readonly LayoutKind[];
  /** After it was switched off and on again, everything is written once. */
  readonly edition: string;
  readonly delay = 10_000;
  readonly #thread: MirrorThread;
  /** Those who wait for it now. */
  readonly #waiting = new Set<MirrorListener>();

  constructor(private readonly options: LayoutMirrorOptions) {
    this.kinds = followedKinds(options.enabled);
    this.edition = options.enabled ? 'all' : 'removals';
    const worker = options.worker ?? new URL('./mirror-worker.js', import.meta.url);
    this.#thread = new MirrorThread(worker, options.dataDir);
  }

  async handle(changes: readonly RecordedChange<LayoutKind>[], stop: AbortSignal): Promise<void> {
    await this.#follow(changes.flatMap(toLookAt), stop);
  }

  async reconcile(stop: AbortSignal): Promise<void> {
    if (!this.options.enabled || !(await this.options.hasRepositories())) return;
    await this.#follow(undefined, stop);
  }

  /** Resolves when everything that was recorded before is durable in the layout. */
  async catchUp(listener: MirrorListener = {}): Promise<void> {
    this.#waiting.add(listener);
    try {
      await this.options.consumers.catchUp(this.name);
    } finally {
      this.#waiting.delete(listener);
    }
  }

  /** The same for all there is, recorded or not. */
  async complete(listener: MirrorListener): Promise<void> {
    await this.catchUp(listener);
    await this.#thread.run({ lookAt: undefined, writes: true, gently: false, leave: 0 }, listener);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#thread.stop();
  }

  async #follow(lookAt: readonly LookAt[] | undefined, stop: AbortSignal): Promise<void> {
    const gently = this.#waiting.size === 0;
    const leave = gently ? ((await this.options.reserve?.()) ?? 0) : 0;
    const order = { lookAt, writes: this.options.enabled, gently, leave };
    await this.#thread.run(order, { problem: (problem) => this.#tell(problem), gone: stop });
  }

  #tell(problem: MirrorProblem): void {
    for (const listener of this.#waiting) listener.problem?.(problem);
    if (this.#waiting.size === 0) this.options.log.warn({ ...problem }, 'not in the layout on the disk');
  }
}
