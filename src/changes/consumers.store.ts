import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import type { Database, PreparedRead } from '../database/database.js';
import type { RecordedChange } from './changes.store.js';
import type { ConsumerState } from './consumer.js';

/** For the test that looks at plans. */
export const consumerQueries = {
  state: 'SELECT position, epoch, edition, failures FROM consumers WHERE name = ?',
  parked: 'SELECT COUNT(*) AS count FROM parked_changes WHERE consumer = ?',
};

/** The tables `consumers` and `parked_changes`: how far those are who follow the changes, and what they were given up for. */
export class ConsumersStore {
  readonly #state: PreparedRead<ConsumerState>;
  readonly #parked: PreparedRead<{ count: number }>;

  constructor(private readonly database: Database) {
    this.#state = database.prepare(consumerQueries.state);
    this.#parked = database.prepare(consumerQueries.parked);
  }

  find(name: string): Promise<ConsumerState | undefined> {
    return this.#state.find(name);
  }

  async countParked(name: string): Promise<number> {
    return Number((await this.#parked.find(name))?.count ?? 0);
  }

  async save(name: string, state: ConsumerState): Promise<void> {
    await this.database.write((tx) => save(tx, name, state));
  }

  /** Puts a change aside and goes on behind it, in one transaction. */
  async park(name: string, change: RecordedChange, error: string, state: ConsumerState): Promise<void> {
    const { epoch, position, kind, id, payload, at } = change;
    await this.database.write(async (tx) => {
      await tx.sql`INSERT INTO parked_changes (consumer, epoch, position, kind, id, payload, at, error, parked_at)
        VALUES (${name}, ${epoch}, ${position}, ${kind}, ${id}, ${JSON.stringify(payload)}, ${at.getTime()}, ${error}, ${clock.wall()})
        ON CONFLICT DO NOTHING`;
      await save(tx, name, state);
    });
  }
}

async function save(tx: EntityManager, name: string, state: ConsumerState): Promise<void> {
  const { position, epoch, edition, failures } = state;
  await tx.sql`INSERT INTO consumers (name, position, epoch, edition, failures)
    VALUES (${name}, ${position}, ${epoch}, ${edition}, ${failures})
    ON CONFLICT (name) DO UPDATE SET position = excluded.position, epoch = excluded.epoch, edition = excluded.edition,
      failures = excluded.failures`;
}
