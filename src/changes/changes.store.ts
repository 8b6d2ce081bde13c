import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import type { Database, PreparedRead } from '../database/database.js';
import { allowedPayload, type Change, type ChangeKind } from './kinds.js';

/** A change as it stands in the feed. */
export type RecordedChange<Kind extends ChangeKind = ChangeKind> = Change<Kind> & {
  /** Later changes have larger ones; two of the same epoch never have the same. */
  readonly position: number;
  readonly epoch: string;
  readonly at: Date;
};

/** The two ends of the feed; positions are 0 while it is empty. */
export interface FeedEnds {
  readonly oldest: number;
  readonly newest: number;
}

interface Row {
  readonly position: number;
  readonly epoch: string;
  readonly kind: ChangeKind;
  readonly id: number | null;
  readonly payload: string;
  readonly at: number;
}

/** Tags in one row: an image may have a hundred thousand. */
const tagsAtOnce = 1_000;

/** For the test that looks at plans. */
export const feedQueries = {
  behind: 'SELECT position, epoch, kind, id, payload, at FROM changes WHERE position > ? ORDER BY position LIMIT ?',
  oldest: 'SELECT position, at FROM changes ORDER BY position LIMIT ?',
  newest: 'SELECT position, epoch FROM changes ORDER BY position DESC LIMIT 1',
};

/** The table `changes`: what happened, in order. */
export class ChangesStore {
  readonly #behind: PreparedRead<Row>;
  readonly #oldest: PreparedRead<{ position: number; at: number }>;
  readonly #newest: PreparedRead<{ position: number; epoch: string }>;

  constructor(private readonly database: Database) {
    this.#behind = database.prepare(feedQueries.behind);
    this.#oldest = database.prepare(feedQueries.oldest);
    this.#newest = database.prepare(feedQueries.newest);
  }

  /** One row, in the transaction that does it; one more for each further thousand of its tags. */
  async append(tx: EntityManager, epoch: string, change: Change): Promise<void> {
    const { kind, id } = change;
    const now = clock.wall();
    const payload = allowedPayload(change);
    const tags = 'tags' in change.payload ? change.payload.tags : [];
    for (let start = 0; start === 0 || start < tags.length; start += tagsAtOnce) {
      if (start > 0) await turn();
      const some = tags.length > tagsAtOnce ? { ...payload, tags: tags.slice(start, start + tagsAtOnce) } : payload;
      await tx.sql`INSERT INTO changes (epoch, kind, id, payload, at)
        VALUES (${epoch}, ${kind}, ${id}, ${JSON.stringify(some)}, ${now})`;
    }
  }

  /** The next changes behind a position, in order. */
  async behind(position: number, limit: number): Promise<RecordedChange[]> {
    return (await this.#behind.list(position, limit)).map(toChange);
  }

  /** The oldest changes. */
  async oldest(limit: number): Promise<{ position: number; at: Date }[]> {
    return (await this.#oldest.list(limit)).map(({ position, at }) => ({ position, at: new Date(Number(at)) }));
  }

  async ends(): Promise<FeedEnds> {
    const [oldest, newest] = [await this.#oldest.find(1), await this.#newest.find()];
    return { oldest: oldest?.position ?? 0, newest: newest?.position ?? 0 };
  }

  /** The last row; undefined while nothing has happened. */
  newest(): Promise<{ readonly position: number; readonly epoch: string } | undefined> {
    return this.#newest.find();
  }

  /** Removes what is through a position. The last change always stays: it says how far the feed is. */
  async remove(through: number): Promise<void> {
    await this.database.write(
      (tx) =>
        tx.sql`DELETE FROM changes WHERE position <= ${through} AND position < (SELECT MAX(position) FROM changes)`,
    );
  }
}

function toChange({ position, epoch, kind, id, payload, at }: Row): RecordedChange {
  // Written by append, which is given a kind with its payload.
  return { position, epoch, kind, id, payload: JSON.parse(payload), at: new Date(Number(at)) } as RecordedChange;
}
