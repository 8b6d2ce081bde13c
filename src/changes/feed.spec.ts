import { temporaryDatabase } from '../../test/support/temporary-database.js';
import { ChangesStore, feedQueries } from './changes.store.js';
import { consumerQueries } from './consumers.store.js';
import { DatabaseFeed } from './database-feed.js';
import { describeFeed } from './feed.contract.js';
import { MemoryFeed } from './memory-feed.js';

describeFeed('the feed in memory', async () => {
  const feed = new MemoryFeed();
  return {
    feed,
    append: async (change) => feed.append(change),
    inEpoch: (epoch) => Object.assign(feed, { epoch }),
    close: async () => undefined,
  };
});

describeFeed('the feed in the database', async () => {
  const { database, remove } = await temporaryDatabase({ entities: [] });
  const changes = new ChangesStore(database);
  return {
    feed: new DatabaseFeed(database, 'one'),
    append: (change) => database.write((tx) => changes.append(tx, 'one', change)),
    inEpoch: (epoch) => new DatabaseFeed(database, epoch),
    close: remove,
  };
});

test('no query looks through a table', async () => {
  const { database, remove } = await temporaryDatabase({ entities: [] });
  for (const sql of [feedQueries.behind, consumerQueries.state, consumerQueries.parked]) {
    const plan = await database.read.query<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${sql}`,
      Array(sql.split('?').length - 1).fill(1),
    );
    expect(plan.filter(({ detail }) => detail.startsWith('SCAN'))).toEqual([]);
  }
  await remove();
});
