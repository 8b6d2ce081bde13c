import type { Database } from '../database/database.js';
import { ChangesStore, type FeedEnds, type RecordedChange } from './changes.store.js';
import type { ConsumerState } from './consumer.js';
import { ConsumersStore } from './consumers.store.js';
import type { Feed } from './feed.js';

/** The feed in the database. */
export class DatabaseFeed implements Feed {
  readonly #changes: ChangesStore;
  readonly #consumers: ConsumersStore;

  constructor(
    database: Database,
    readonly epoch: string,
  ) {
    this.#changes = new ChangesStore(database);
    this.#consumers = new ConsumersStore(database);
  }

  ends(): Promise<FeedEnds> {
    return this.#changes.ends();
  }

  behind(position: number, limit: number): Promise<RecordedChange[]> {
    return this.#changes.behind(position, limit);
  }

  oldest(limit: number): Promise<{ position: number; at: Date }[]> {
    return this.#changes.oldest(limit);
  }

  remove(through: number): Promise<void> {
    return this.#changes.remove(through);
  }

  state(consumer: string): Promise<ConsumerState | undefined> {
    return this.#consumers.find(consumer);
  }

  save(consumer: string, state: ConsumerState): Promise<void> {
    return this.#consumers.save(consumer, state);
  }

  park(consumer: string, change: RecordedChange, error: string, state: ConsumerState): Promise<void> {
    return this.#consumers.park(consumer, change, error, state);
  }

  parked(consumer: string): Promise<number> {
    return this.#consumers.countParked(consumer);
  }
}
