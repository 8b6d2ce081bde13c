import type { Page } from '../database/page.js';
import type { Job, JobFilter, JobLine, JobWrite, NewJob } from './job.js';

/**
 * What jobs stand on: rows that outlive the process. In the database, and in memory for tests; a queue of somebody else's would go here.
 * What changes something is durable when it resolves.
 */
export interface JobQueue {
  /** Adds one, unless one that has not ended has the same key: then nothing is added, and that one is the answer. */
  add(job: NewJob): Promise<{ readonly job: Job; readonly added: boolean }>;
  find(id: number): Promise<Job | undefined>;
  /** The latest first; the cursor is an id, and the page lies behind it. */
  page(filter: JobFilter, place: { readonly limit: number; readonly cursor?: string }): Promise<Page<Job>>;
  /** The lines of a job behind this number, in order. */
  lines(id: number, behind: number, limit: number): Promise<JobLine[]>;
  /** Begins the next of a kind that may begin, each under a new lease: those that may begin earliest first. */
  claim(kind: string, limit: number): Promise<Job[]>;
  /** When the next of the kind that waits may begin; undefined when none waits. */
  nextAt(kind: string): Promise<Date | undefined>;
  /** Every job that is running, whoever runs it. */
  running(): Promise<Job[]>;
  /** Writes down what comes from running jobs, all together. Resolves with the ids of those whose lease was not theirs any more. */
  write(writes: readonly JobWrite[]): Promise<number[]>;
  /** Ends one that waits, and notes of one that runs that it is to end. Undefined when there is none. */
  cancel(id: number): Promise<Job | undefined>;
  /** Ends what waits and is of none of these kinds: nobody would ever begin it. */
  failUnknown(kinds: readonly string[]): Promise<void>;
  /**
   * Removes some of those that ended, with their lines, the earliest first: what ended before this time, and what is beyond the number
   * that are kept. Resolves with how many went; 0 when all that is left is to stay.
   */
  removeEnded(before: Date, kept: number, limit: number): Promise<number>;
}
