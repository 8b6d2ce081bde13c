import { FairQueue } from './fair-queue.js';

const anybody = () => true;

function drained(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let item = queue.take(anybody); item !== undefined; item = queue.take(anybody)) items.push(item);
  return items;
}

test('keys take turns, whoever came first and whoever has most', () => {
  const queue = new FairQueue<string>({ perKey: 10, total: 100 });
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.charAt(0), item);
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  expect(queue.size).toBe(0);
});

test('a key that may not have its turn keeps it', () => {
  const queue = new FairQueue<string>({ perKey: 10, total: 100 });
  for (const item of ['a1', 'b1']) queue.add(item.charAt(0), item);
  expect(queue.take((key) => key !== 'a')).toBe('b1');
  expect(queue.take((key) => key !== 'a')).toBeUndefined();
  expect(drained(queue)).toEqual(['a1']);
});

test('a full key has its own refused, and a full queue what the longest has last', () => {
  const queue = new FairQueue<string>({ perKey: 3, total: 4 });
  for (const item of ['a1', 'a2', 'a3']) expect(queue.add('a', item)).toBeUndefined();
  expect(queue.add('a', 'a4')).toBe('a4');
  expect(queue.add('b', 'b1')).toBeUndefined();
  expect(queue.add('c', 'c1')).toBe('a3');
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2']);
});

test('what is removed is not taken', () => {
  const queue = new FairQueue<string>({ perKey: 10, total: 100 });
  for (const item of ['a1', 'a2']) queue.add('a', item);
  expect(queue.remove('a', 'a1')).toBe(true);
  expect(queue.remove('a', 'a1')).toBe(false);
  expect(drained(queue)).toEqual(['a2']);
});
