import { setImmediate as turn } from 'node:timers/promises';

/** Items at a time: a manifest may name tens of thousands, a statement is compiled for each length, and nobody is to wait for all of them. */
export const batchSize = 100;

/**
 * Calls `work` for at most 100 items at a time, one after the other. In between, whatever else waits for the event loop has its turn,
 * in the middle of a transaction too: others read what was before it.
 */
export async function eachBatch<Item>(items: readonly Item[], work: (batch: Item[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) {
    if (start > 0) await turn();
    await work(items.slice(start, start + batchSize));
  }
}

/** As {@link eachBatch}, and gives the rows of all. */
export async function inBatches<Item, Row>(
  items: readonly Item[],
  query: (batch: Item[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  await eachBatch(items, async (batch) => {
    rows.push(...(await query(batch)));
  });
  return rows;
}
