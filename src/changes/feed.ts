import type { FeedEnds, RecordedChange } from './changes.store.js';
import type { ConsumerState } from './consumer.js';

/** What has happened, and how far those who follow are: what consumers stand on. In the database, and in memory for tests. */
export interface Feed {
  /** Of the positions that are given now. */
  readonly epoch: string;
  ends(): Promise<FeedEnds>;
  /** The next changes behind a position, in order. */
  behind(position: number, limit: number): Promise<RecordedChange[]>;
  /** The oldest changes. */
  oldest(limit: number): Promise<{ readonly position: number; readonly at: Date }[]>;
  /** Removes what is through a position, never the last change. */
  remove(through: number): Promise<void>;
  /** Undefined for one that was never there. */
  state(consumer: string): Promise<ConsumerState | undefined>;
  /** Durable when it resolves. */
  save(consumer: string, state: ConsumerState): Promise<void>;
  /** Puts a change aside and goes on behind it, in one step. */
  park(consumer: string, change: RecordedChange, error: string, state: ConsumerState): Promise<void>;
  parked(consumer: string): Promise<number>;
}
