import { ReadCache } from './read-cache.js';

const read = (value: string | undefined) => async () => value;

describe('ReadCache', () => {
  it('keeps what was read until it is announced as changed', async () => {
    const cache = new ReadCache<string, string | undefined>(10);
    expect(await cache.fill('a', read('1'))).toBe('1');
    expect(cache.get('a')).toBe('1');
    cache.delete('a');
    expect(cache.get('a')).toBeUndefined();
    await cache.fill('a', read('2'));
    cache.clear();
    expect(cache.get('a')).toBeUndefined();
  });

  it('does not keep an answer that a change overtook', async () => {
    const cache = new ReadCache<string, string | undefined>(10);
    const stale = cache.fill('a', async () => {
      await new Promise(setImmediate);
      return 'before';
    });
    cache.delete('a');
    expect(await stale).toBe('before');
    expect(cache.get('a')).toBeUndefined();
  });

  it('does not keep that there is nothing', async () => {
    const cache = new ReadCache<string, string | undefined>(10);
    await cache.fill('a', read(undefined));
    await cache.fill('a', read('now'));
    expect(cache.get('a')).toBe('now');
  });

  it('keeps what is in use and lets go of the rest, within the limit', async () => {
    const cache = new ReadCache<string, string | undefined>(10);
    await cache.fill('hot', read('hot'));
    for (let i = 0; i < 100; i++) {
      await cache.fill(`cold ${i}`, read('cold'));
      expect(cache.get('hot')).toBe('hot');
    }
    const kept = Array.from({ length: 100 }, (_, i) => cache.get(`cold ${i}`)).filter((value) => value !== undefined);
    expect(kept.length).toBeLessThan(10);
  });

  it('counts in what the weight says', async () => {
    const cache = new ReadCache<number, string | undefined>(100, (value) => value?.length ?? 0);
    for (let i = 0; i < 10; i++) await cache.fill(i, read('x'.repeat(20)));
    const kept = Array.from({ length: 10 }, (_, i) => cache.get(i)).filter((value) => value !== undefined);
    expect(kept.length * 20).toBeLessThanOrEqual(100);
    expect(kept.length).toBeGreaterThan(0);
  });
});
