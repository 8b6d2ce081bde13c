import { temporaryDatabase } from '../../test/support/temporary-database.js';
import { JobsStore, jobQueries } from './jobs.store.js';
import { MemoryQueue } from './memory-queue.js';
import { describeQueue } from './queue.contract.js';

describeQueue('the queue in memory', async () => {
  const queue = new MemoryQueue();
  return { queue, again: () => queue, close: async () => undefined };
});

describeQueue('the queue in the database', async () => {
  const { database, remove } = await temporaryDatabase({ entities: [] });
  return { queue: new JobsStore(database), again: () => new JobsStore(database), close: remove };
});

test('no query looks through the table or sorts', async () => {
  const { database, remove } = await temporaryDatabase({ entities: [] });
  const walks = [];
  for (const [name, sql] of Object.entries(jobQueries)) {
    const plan = await database.read.query<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${sql}`,
      Array(sql.split('?').length - 1).fill('1'),
    );
    for (const { detail } of plan)
      if (/TEMP B-TREE|^SCAN (jobs|job_lines)$/.test(detail)) walks.push(`${name}: ${detail}`);
  }
  expect(walks).toEqual([]);
  await remove();
});
