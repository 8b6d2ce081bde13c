import { BlockCollector } from './block-collector.js';
import { BlockPool, blockSize } from './block-pool.js';

const settled = () => new Promise(setImmediate);

describe('a pool of blocks', () => {
  test('gives no more than it has, and each to whoever asked first', async () => {
    const pool = new BlockPool(2);
    const [one, other] = [await pool.take(), await pool.take()];
    expect(one).not.toBe(other);
    const got: string[] = [];
    const waiting = ['first', 'second'].map(async (name) => {
      const block = await pool.take();
      got.push(name);
      return block;
    });
    await settled();
    expect(got).toEqual([]);
    pool.give(one);
    expect(await waiting[0]).toBe(one);
    await settled();
    expect(got).toEqual(['first']);
    pool.give(other);
    expect(await waiting[1]).toBe(other);
  });
});

describe('a collector of blocks', () => {
  test('with a pool of one block, as many as you like finish, with every byte in its order', async () => {
    const pool = new BlockPool(1);
    const wanted = Array.from({ length: 5 }, (_, n) => Buffer.alloc(2 * blockSize + 12_345 * n, `${n}abc`));
    const collected = await Promise.all(
      wanted.map(async (bytes) => {
        const pieces: Buffer[] = [];
        const collector = new BlockCollector(pool, async (chunks) => {
          await settled();
          pieces.push(...chunks.map((chunk) => Buffer.from(chunk)));
        });
        for (let start = 0; start < bytes.length; start += 60_000) {
          await collector.add(bytes.subarray(start, start + 60_000));
        }
        await collector.end();
        return Buffer.concat(pieces);
      }),
    );
    expect(collected.map((bytes, n) => wanted[n]?.equals(bytes))).toEqual([true, true, true, true, true]);
  });

  test('gives the block back when the sink fails and when it is abandoned', async () => {
    const pool = new BlockPool(1);
    const failing = new BlockCollector(pool, async () => Promise.reject(new Error('no room')));
    await failing.add(Buffer.alloc(blockSize));
    await expect(failing.end()).rejects.toThrow('no room');
    await failing.abandon();
    const abandoned = new BlockCollector(pool, async () => undefined);
    await abandoned.add(Buffer.alloc(blockSize - 1));
    await abandoned.abandon();
    expect(await pool.take()).toHaveLength(blockSize);
  });

  test('gives the block back although nothing comes after a failure', async () => {
    const pool = new BlockPool(1);
    const failing = new BlockCollector(pool, async () => Promise.reject(new Error('no room')));
    await failing.add(Buffer.alloc(blockSize));
    await failing.add(Buffer.alloc(blockSize - 1));
    expect(await pool.take()).toHaveLength(blockSize);
    await expect(failing.end()).rejects.toThrow('no room');
  });

  test('a few bytes wait for no block', async () => {
    const pool = new BlockPool(1);
    await pool.take();
    const pieces: number[] = [];
    const collector = new BlockCollector(pool, async (_, bytes) => void pieces.push(bytes));
    await collector.add(Buffer.alloc(1000));
    await collector.end();
    expect(pieces).toEqual([1000]);
  });
});
