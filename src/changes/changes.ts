import type { EntityManager } from 'typeorm';
import { record as recordForPeople } from '../audit/record.js';
import type { Database } from '../database/database.js';
import { ChangesStore } from './changes.store.js';
import type { Change, ChangeKind, NewChange } from './kinds.js';

/** Told of the changes of one transaction that are of its kinds, in their order. Must not throw. */
export type Drop<Kind extends ChangeKind> = (changes: readonly Change<Kind>[]) => void;

interface Subscription {
  readonly kinds: ReadonlySet<ChangeKind>;
  readonly drop: Drop<ChangeKind>;
}

/**
 * What happens to rows that others depend on. One call says it, in the transaction that does it; whoever has to know at once, because it
 * remembers what was before, and whoever follows later, in order (`Consumers`), learn it from here.
 */
export class Changes {
  readonly #feed: ChangesStore;
  readonly #subscriptions: Subscription[] = [];
  readonly #followers: (() => void)[] = [];
  /** Of the transaction that runs. */
  #recorded: Change[] = [];

  constructor(
    private readonly database: Database,
    /** Of the positions that are given now. */
    readonly epoch = 'one',
  ) {
    this.#feed = new ChangesStore(database);
  }

  /**
   * Writes a change down in the transaction that makes it: a row of the feed, and for kinds that people read about, a row of the audit,
   * which names who is behind it (`withOrigin`).
   */
  async record(tx: EntityManager, change: NewChange): Promise<void> {
    await this.#feed.append(tx, this.epoch, change);
    if (change.audit !== undefined) {
      const { name, ...states } = change.audit;
      const about = change.id === null ? states : { ...states, repositoryId: change.id };
      await recordForPeople(tx, change.kind, name, about);
    }
    if (this.#recorded.push(change) === 1) this.database.whenOver(tx, (committed) => this.#over(committed));
  }

  /**
   * Calls `drop` after each commit that made changes of these kinds, before anything of it is acknowledged, so that what is remembered
   * of before is never used for a later request. Also when the commit could not be made durable: it is visible all the same.
   * Subscribers are called in the order in which they came.
   */
  onCommitted<Kind extends ChangeKind>(kinds: readonly Kind[], drop: Drop<Kind>): void {
    // Given only what is of its kinds.
    this.#subscriptions.push({ kinds: new Set(kinds), drop: drop as unknown as Drop<ChangeKind> });
  }

  /** Calls `wake` after each commit that recorded a change of any kind. */
  onAny(wake: () => void): void {
    this.#followers.push(wake);
  }

  #over(committed: boolean): void {
    const recorded = this.#recorded;
    this.#recorded = [];
    if (!committed) return;
    const failed: unknown[] = [];
    for (const { kinds, drop } of this.#subscriptions) {
      const own = recorded.filter(({ kind }) => kinds.has(kind));
      try {
        if (own.length > 0) drop(own);
      } catch (error) {
        failed.push(error); // the others have to know all the same
      }
    }
    for (const wake of this.#followers) wake();
    if (failed.length > 0) throw new AggregateError(failed, 'not everybody took in a change');
  }
}
