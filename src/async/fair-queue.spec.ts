import { FairQueue } from './fair-queue.js';

function drained(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) items.push(item);
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

test('one key alone may fill it where nothing else is said, and then gives way to others', () => {
  const queue = new FairQueue<string>({ total: 3 });
  for (const item of ['a1', 'a2', 'a3']) expect(queue.add('a', item)).toBeUndefined();
  expect(queue.add('a', 'a4')).toBe('a4');
  expect(queue.add('b', 'b1')).toBe('a3');
  expect(queue.add('a', 'a5')).toBe('a5');
  expect(drained(queue)).toEqual(['a1', 'b1', 'a2']);
});

test('it is not emptied by those who come last when all have one', () => {
  const queue = new FairQueue<string>({ perKey: 2, total: 2 });
  queue.add('a', 'a1');
  queue.add('b', 'b1');
  expect(queue.add('c', 'c1')).toBe('c1');
  expect(drained(queue)).toEqual(['a1', 'b1']);
  expect(queue.add('d', 'd1')).toBeUndefined();
  expect(drained(queue)).toEqual(['d1']);
});

test('what is removed is not taken', () => {
  const queue = new FairQueue<string>({ perKey: 10, total: 100 });
  for (const item of ['a1', 'a2']) queue.add('a', item);
  expect(queue.remove('a', 'a1')).toBe(true);
  expect(queue.remove('a', 'a1')).toBe(false);
  expect(drained(queue)).toEqual(['a2']);
});
