/** Values in one statement: databases take some ten thousand parameters, and a manifest may name more than that. */
const batchSize = 500;

/** Calls `query` for at most 500 items at a time, one after the other, and gives all rows. */
export async function inBatches<Item, Row>(
  items: readonly Item[],
  query: (batch: Item[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < items.length; start += batchSize) {
    rows.push(...(await query(items.slice(start, start + batchSize))));
  }
  return rows;
}
