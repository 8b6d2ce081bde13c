import { eachBatch, inBatches } from './in-batches.js';

const items = Array.from({ length: 240 }, (_, item) => item);

describe('eachBatch', () => {
  it('lets others have their turn between batches', async () => {
    const order: string[] = [];
    const other = () => {
      order.push('other');
      waiting = setImmediate(other);
    };
    let waiting = setImmediate(other);
    await eachBatch(items, async (batch) => {
      order.push(`${batch.length}`);
    });
    clearImmediate(waiting);
    expect(order).toEqual(['100', 'other', '100', 'other', '40']);
  });

  it('stops at the first that fails', async () => {
    const seen: number[] = [];
    const work = eachBatch(items, async ([first = -1]) => {
      seen.push(first);
      if (first === 100) throw new Error('full');
    });
    await expect(work).rejects.toThrow('full');
    expect(seen).toEqual([0, 100]);
  });
});

it('inBatches gives the rows of all in their order', async () => {
  expect(await inBatches(items, async (batch) => batch.map((item) => item * 2))).toEqual(items.map((item) => item * 2));
});
