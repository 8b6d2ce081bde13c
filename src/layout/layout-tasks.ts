import type { OnApplicationShutdown } from '@nestjs/common';
import { clock } from '../async/clock.js';
import type { LayoutMirror } from './layout-mirror.js';
import type { Mirrored, MirrorProblem } from './mirror.js';

export const layoutTaskKinds = ['sync', 'reindex'] as const;
export type LayoutTaskKind = (typeof layoutTaskKinds)[number];
export const layoutTaskStates = ['running', 'done', 'failed'] as const;

/** One walk over everything, as far as it is. */
export interface LayoutTask extends Readonly<Mirrored> {
  readonly kind: LayoutTaskKind;
  readonly state: (typeof layoutTaskStates)[number];
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** What was left out. */
  readonly skipped: number;
  /** The first of it. */
  readonly problems: readonly MirrorProblem[];
  /** Why it failed. */
  readonly error: string | null;
}

/** What a walk tells while it walks. */
export interface TaskReport {
  readonly sum: (sum: Mirrored) => void;
  readonly problem: (problem: MirrorProblem) => void;
  readonly stopped: () => boolean;
}

export interface LayoutTasksParts {
  readonly mirror: LayoutMirror;
  readonly reindex: (report: TaskReport) => Promise<void>;
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** Problems kept for whoever asks; the log has them all. */
const shownProblems = 100;

/** The long walks an administrator starts, one at a time. They go on when whoever started them goes away, and end when they are no administrator any more. */
export class LayoutTasks implements OnApplicationShutdown {
  #task: LayoutTask | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(private readonly parts: LayoutTasksParts) {}

  /** The one that runs, or the last one since the start of the program. */
  get current(): LayoutTask | undefined {
    return this.#task;
  }

  /**
   * Starts one, unless one runs: then nothing is started, and that one is the answer, of whichever kind.
   * @param may asked while it walks; when it throws, the walk ends and has failed for what was thrown
   */
  start(kind: LayoutTaskKind, may: () => Promise<void>): { readonly task: LayoutTask; readonly started: boolean } {
    if (this.#task?.state === 'running') return { task: this.#task, started: false };
    const nothing = { repositories: 0, manifests: 0, tags: 0, links: 0, skipped: 0, problems: [] };
    const task: LayoutTask = {
      kind,
      state: 'running',
      startedAt: new Date(clock.wall()),
      endedAt: null,
      error: null,
      ...nothing,
    };
    this.#task = task;
    this.#running = this.#run(kind, may);
    return { task, started: true };
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(kind: LayoutTaskKind, may: () => Promise<void>): Promise<void> {
    const refused = new AbortController();
    const report: TaskReport = {
      sum: (sum) => {
        this.#update({ ...sum });
        may().catch((refusal: unknown) => refused.abort(refusal));
      },
      problem: (problem) => this.#skip(problem),
      stopped: () => this.#stopped || refused.signal.aborted,
    };
    try {
      if (kind === 'sync') {
        await this.parts.mirror.complete({ mirrored: report.sum, problem: report.problem, gone: refused.signal });
      } else {
        // First what is noted: a tag that was deleted must not come back from the disk.
        await this.parts.mirror.catchUp({ problem: report.problem });
        await this.parts.reindex(report);
      }
      this.#update({ state: 'done', endedAt: new Date(clock.wall()) });
      this.parts.log.info({ ...this.#task, problems: undefined }, 'layout walked');
    } catch (stopped) {
      const error: unknown = refused.signal.aborted ? refused.signal.reason : stopped;
      this.parts.log.error({ error, kind }, 'layout not walked to the end');
      const reason = error instanceof Error ? error.message : String(error);
      this.#update({ state: 'failed', endedAt: new Date(clock.wall()), error: reason });
    }
  }

  #skip(problem: MirrorProblem): void {
    const { problems = [], skipped = 0 } = this.#task ?? {};
    this.#update({
      skipped: skipped + 1,
      ...(problems.length < shownProblems && { problems: [...problems, problem] }),
    });
  }

  #update(change: Partial<LayoutTask>): void {
    if (this.#task !== undefined) this.#task = { ...this.#task, ...change };
  }
}
