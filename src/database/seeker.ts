/** For whom a search is. Searches take turns by it, and nobody searches on for one who is gone. */
export interface Seeker {
  /** Whose turn it is: `user:7`, or the address group of somebody without an account. */
  readonly key: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly gone?: AbortSignal;
}

/** Berth itself. */
export const systemSeeker: Seeker = { key: 'system' };
