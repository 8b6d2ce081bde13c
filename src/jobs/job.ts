/** Where a job is on its way. The last four are ends: an ended job stays as it is until it is removed. */
export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;
export type JobState = (typeof jobStates)[number];
export type JobEnd = Exclude<JobState, 'queued' | 'running'>;

export const jobLineLevels = ['info', 'warn', 'error'] as const;
export type JobLineLevel = (typeof jobLineLevels)[number];

/** What a job is told to do: plain values, and never a secret. */
export type JobPayload = Readonly<Record<string, string | number | boolean>>;

/** How far a job is: what it counts, by name. `total`, where it is known, is what `done` grows to. */
export type JobProgress = Readonly<Record<string, number>>;

/** Who had a job run. */
export interface JobStarter {
  /** As in the audit: `user:ada`, `local` for the `berth` command on the spot, `system` for Berth itself. */
  readonly actor: string;
  /** The id of the account that has to be an administrator as long as the job runs; null for whom nobody has to ask. */
  readonly account: number | null;
}

/** Berth itself: a schedule. */
export const byItself: JobStarter = { actor: 'system', account: null };

/** A piece of work that outlives the request that asked for it, and the process too. */
export interface Job extends JobStarter {
  readonly id: number;
  readonly kind: string;
  readonly state: JobState;
  readonly payload: JobPayload;
  /** No two jobs that have not ended share one; null for none. */
  readonly uniqueKey: string | null;
  /** How often it was begun, without those times a stop of the server came in between. */
  readonly attempt: number;
  /** Grows by one whenever it is begun. What is written for an earlier one is not taken any more. */
  readonly lease: number;
  readonly progress: JobProgress;
  /** How many log lines it has. */
  readonly lines: number;
  /** Why it did not succeed, or why it is to be tried again. */
  readonly error: string | null;
  readonly createdAt: Date;
  /** When it may begin. */
  readonly runAt: Date;
  /** When it was begun last. */
  readonly startedAt: Date | null;
  /** When whoever runs it last said so. */
  readonly heartbeatAt: Date | null;
  /** When somebody asked for its end. It is running until what it does has come to rest. */
  readonly cancelRequestedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface NewJob extends JobStarter {
  readonly kind: string;
  readonly payload: JobPayload;
  readonly uniqueKey: string | null;
}

/** What a job says while it runs. */
export interface JobLine {
  /** From 1, without gaps. */
  readonly number: number;
  readonly at: Date;
  readonly level: JobLineLevel;
  /** What it is about: a path, a repository, a digest; empty for nothing in particular. */
  readonly about: string;
  readonly text: string;
}

/** What is asked of the list of jobs; every part narrows. */
export interface JobFilter {
  readonly kind?: string;
  readonly state?: JobState;
}

/** What whoever holds a lease writes down. It is taken as a whole, or not at all when the lease is not the job's any more. */
export interface JobWrite {
  readonly id: number;
  readonly lease: number;
  readonly progress: JobProgress;
  readonly lines: readonly JobLine[];
  readonly outcome?: JobEnding | JobDelay;
}

/** How it ended. */
export interface JobEnding {
  readonly state: JobEnd;
  readonly error: string | null;
}

/** It is to be begun again. */
export interface JobDelay {
  readonly state: 'queued';
  readonly error: string | null;
  readonly runAt: Date;
  /** Whether this time is not to count as an attempt. */
  readonly uncounted: boolean;
}

export function isEnded(state: JobState): state is JobEnd {
  return state !== 'queued' && state !== 'running';
}
