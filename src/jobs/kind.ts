import type { JobLineLevel, JobPayload, JobProgress } from './job.js';

/** What whoever does the work is given besides what to do. */
export interface JobRun {
  readonly id: number;
  /** From 1. */
  readonly attempt: number;
  /**
   * Aborted when somebody cancels it, when the server stops, when whoever began it may not any more, and when it was taken away. What it
   * does has to come to rest within two seconds then, down to its sockets, by throwing.
   */
  readonly signal: AbortSignal;
  /** How far it is: the whole of it each time. Costs nothing: what is told in a moment is written once. */
  readonly progress: (counts: JobProgress) => void;
  /** Says something to whoever follows the job. Secrets are taken out. @param about a path, a repository, a digest */
  readonly log: (level: JobLineLevel, text: string, about?: string) => void;
}

/** When a job of a kind begins by itself. One that has not ended lets its turn pass. */
export interface JobSchedule {
  /** Milliseconds from one to the next. */
  readonly every: number;
  /** Milliseconds after the start of the process that it waits at least, however long ago the last one was. */
  readonly firstAfter: number;
  /** What to do then; undefined when there is nothing to do, and no job is made. */
  readonly payload: () => Promise<JobPayload | undefined> | JobPayload | undefined;
}

/** A kind of job, as the room that does the work tells it. */
export interface JobKind<Payload extends JobPayload = JobPayload> {
  /** Never changes: jobs that wait are of it. `noun.verb`. */
  readonly name: string;
  /** What was written down becomes what is worked with; throws VALIDATION_FAILED for what is none. */
  readonly parse: (payload: JobPayload) => Payload;
  readonly perform: (payload: Payload, run: JobRun) => Promise<void>;
  /** Times that it is begun at most, 1 when left out. More than 1 says that to begin it again after a kill is harmless. */
  readonly attempts?: number;
  /** Milliseconds to wait after so many failed attempts; doubling from a second up to ten minutes when left out. */
  readonly backOff?: (attempt: number) => number;
  /** How many run at the same time, 1 when left out. */
  readonly concurrency?: number;
  /** Two that say the same are never there at the same time, of whatever kind they are; when left out, there is no limit. */
  readonly uniqueKey?: (payload: Payload) => string;
  readonly schedule?: JobSchedule;
  /** Whether an administrator can have it run by its name alone, and with what outcome. */
  readonly onDemand?: JobPayload;
}
