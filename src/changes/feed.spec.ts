import { temporaryDatabase } from '../../test/support/temporary-database.js';
import { ChangesStore, feedQueries } from './changes.store.js';
import { consumerQueries } from './consumers.store.js';
import { DatabaseFeed } from './database-feed.js';
import { describeFeed, type FeedUnderTest } from './feed.contract.js';
import { MemoryFeed } from './memory-feed.js';
import { describeTrimming } from './trimming.contract.js';

async function inMemory(): Promise<FeedUnderTest> {
  const feed = new MemoryFeed();
  return {
    feed,
    append: async (change) => feed.append(change),
    inEpoch: (epoch) => Object.assign(feed, { epoch }),
    close: async () => undefined,
  };
}

async function inDatabase(): Promise<FeedUnderTest> {
  const { database, remove } = await temporaryDatabase({ entities: [] });
  const changes = new ChangesStore(database);
  return {
    feed: new DatabaseFeed(database, 'one'),
    append: (change) => database.write((tx) => changes.append(tx, 'one', change)),
    inEpoch: (epoch) => new DatabaseFeed(database, epoch),
    close: remove,
  };
}

for (const describeIt of [describeFeed, describeTrimming]) {
  describeIt('the feed in memory', inMemory);
  describeIt('the feed in the database', inDatabase);
}

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
