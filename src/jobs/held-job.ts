import { clock } from '../async/clock.js';
import { redact } from '../logging/redact.js';
import { cleanText } from '../text/clean-text.js';
import type { Job, JobDelay, JobEnding, JobLine, JobLineLevel, JobProgress, JobWrite } from './job.js';
import type { JobRun } from './kind.js';

/** Lines of one job, the last of which says so when there would be more. */
const mostLines = 1_000;
/** Characters of a line, and of what it is about. */
const longestLine = 500;

/** Why a job is to come to rest. */
export type Halt = 'cancelled' | 'stopped' | 'lost' | 'refused';

/** Thrown by what heeds the signal of a job. */
export class Halted extends Error {
  constructor(
    readonly why: Halt,
    message: string,
  ) {
    super(message);
  }
}

/** A job that this process runs, and what it has said and is not written down yet. */
export class HeldJob implements JobRun {
  readonly #abort = new AbortController();
  #progress: JobProgress;
  #lines: JobLine[] = [];
  #said: number;
  #told = false;
  /** What is to become of it, once it has come to rest. */
  outcome: JobEnding | JobDelay | undefined;

  constructor(
    readonly job: Job,
    private readonly changed: () => void,
  ) {
    this.#progress = job.progress;
    this.#said = job.lines;
  }

  get id(): number {
    return this.job.id;
  }

  get attempt(): number {
    return this.job.attempt;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Undefined while nobody wants it to come to rest; the first reason counts. */
  get halted(): Halted | undefined {
    const reason: unknown = this.signal.reason;
    return reason instanceof Halted ? reason : undefined;
  }

  /** Whether there is anything to write down. */
  get waits(): boolean {
    return this.#told || this.#lines.length > 0 || this.outcome !== undefined;
  }

  readonly progress = (counts: JobProgress): void => {
    this.#progress = { ...counts };
    this.#told = true;
    this.changed();
  };

  readonly log = (level: JobLineLevel, text: string, about = ''): void => {
    if (this.#said >= mostLines) return;
    const number = ++this.#said;
    const at = new Date(clock.wall());
    if (number === mostLines)
      this.#lines.push({ number, at, level: 'warn', about: '', text: 'further lines are left out' });
    else this.#lines.push({ number, at, level, about: shownText(about), text: shownText(text) });
    this.changed();
  };

  halt(why: Halt, message: string): void {
    this.#abort.abort(new Halted(why, message));
  }

  /** Everything that is to be written down by now. */
  write(): JobWrite {
    this.#told = false;
    const { id, lease } = this.job;
    return {
      id,
      lease,
      progress: this.#progress,
      lines: [...this.#lines],
      ...(this.outcome && { outcome: this.outcome }),
    };
  }

  /** It is on the disk. */
  written({ lines }: JobWrite): void {
    this.#lines = this.#lines.slice(lines.length);
  }
}

/** Text that may be kept and shown: one line, without secrets. */
export function shownText(text: string): string {
  return cleanText(String(redact(text)), longestLine);
}
