import { clock } from '../async/clock.js';
import type { FeedEnds, RecordedChange } from './changes.store.js';
import type { ConsumerState } from './consumer.js';
import type { Feed } from './feed.js';
import type { Change } from './kinds.js';

/** The feed in memory, for tests of consumers. */
export class MemoryFeed implements Feed {
  #changes: RecordedChange[] = [];
  #newest = 0;
  readonly #states = new Map<string, ConsumerState>();
  readonly #parked: { readonly consumer: string; readonly change: RecordedChange }[] = [];

  constructor(public epoch = 'one') {}

  /** What `Changes.record` does in the database. */
  append(change: Change, at = new Date(clock.wall())): void {
    this.#changes.push({ ...change, position: ++this.#newest, epoch: this.epoch, at });
  }

  async ends(): Promise<FeedEnds> {
    return { oldest: this.#changes[0]?.position ?? 0, newest: this.#newest };
  }

  async behind(position: number, limit: number): Promise<RecordedChange[]> {
    return this.#changes.filter((change) => change.position > position).slice(0, limit);
  }

  async oldest(limit: number): Promise<{ position: number; at: Date }[]> {
    return this.#changes.slice(0, limit);
  }

  async remove(through: number): Promise<void> {
    this.#changes = this.#changes.filter(({ position }) => position > through || position === this.#newest);
  }

  async state(consumer: string): Promise<ConsumerState | undefined> {
    return this.#states.get(consumer);
  }

  async save(consumer: string, state: ConsumerState): Promise<void> {
    this.#states.set(consumer, state);
  }

  async park(consumer: string, change: RecordedChange, _error: string, state: ConsumerState): Promise<void> {
    this.#parked.push({ consumer, change });
    this.#states.set(consumer, state);
  }

  async parked(consumer: string): Promise<number> {
    return this.#parked.filter((one) => one.consumer === consumer).length;
  }
}
