import type { RecordedChange } from './changes.store.js';
import type { ChangeKind } from './kinds.js';

/**
 * Follows what happens, off the path of every request: in order, each change at least once, again after a kill or a failure. So doing
 * a change twice must end the same as doing it once. How to add one stands in CONTRIBUTING.md.
 */
export interface Consumer<Kind extends ChangeKind = ChangeKind> {
  /** Never another one: its position is kept under it. */
  readonly name: string;
  /** The others pass it by. */
  readonly kinds: readonly Kind[];
  /** What it makes of changes; another text than at the last start makes it {@link reconcile}. */
  readonly edition?: string;
  /** Milliseconds in which changes gather before it is called; 0 when left out. */
  readonly delay?: number;
  /**
   * Follows some changes, and resolves when that is durable. What it throws counts against the change it is called with: ten times in a
   * row, and the change is parked. Throws {@link NotNow} when it is not the change that keeps it from working.
   * @param stop aborted when the program ends; it may throw then
   */
  handle(changes: readonly RecordedChange<Kind>[], stop: AbortSignal): Promise<void>;
  /**
   * Brings everything it keeps to what is there now. Called before anything else when it is new, when changes it had not seen are gone
   * from the feed, when the database was restored from a backup, and for another {@link edition}. Tried again until it resolves.
   */
  reconcile(stop: AbortSignal): Promise<void>;
}

/** Whatever the change, the consumer cannot work now: a disk is full, a server is away. It is tried again for as long as that takes. */
export class NotNow extends Error {}

/** How far a consumer is. */
export interface ConsumerState {
  /** Through which everything is done. */
  readonly position: number;
  readonly epoch: string;
  readonly edition: string;
  /** How often in a row it failed at the change behind it. */
  readonly failures: number;
}

/** What people see of a consumer. */
export interface ConsumerReport {
  /** Changes that wait for it; all there ever were, while it has to look at everything. */
  readonly lag: number;
  /** Changes it was given up for. */
  readonly parked: number;
  /** How often in a row it failed. */
  readonly failures: number;
}
