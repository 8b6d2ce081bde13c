import { FairQueue } from './fair-queue.js';

function drained(queue: FairQueue<string>): string[] {
  const jobs: string[] = [];
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) jobs.push(job);
  return jobs;
}

describe('FairQueue', () => {
  test('serves one of each owner in turn, and each owner in order', () => {
    const queue = new FairQueue<string>(10);
    for (const job of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) expect(queue.push(job.charAt(0), job)).toBeUndefined();
    expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  test('lets one owner alone fill it, and then only in its own way', () => {
    const queue = new FairQueue<string>(3);
    for (const job of ['a1', 'a2', 'a3']) expect(queue.push('a', job)).toBeUndefined();
    expect(queue.push('a', 'a4')).toBe('a4');
    expect(queue.push('b', 'b1')).toBe('a3');
    expect(queue.push('a', 'a5')).toBe('a5');
    expect(drained(queue)).toEqual(['a1', 'b1', 'a2']);
  });

  test('is not emptied by those who come last when all have one', () => {
    const queue = new FairQueue<string>(2);
    queue.push('a', 'a1');
    queue.push('b', 'b1');
    expect(queue.push('c', 'c1')).toBe('c1');
    expect(drained(queue)).toEqual(['a1', 'b1']);
    expect(queue.push('d', 'd1')).toBeUndefined();
    expect(drained(queue)).toEqual(['d1']);
  });
});
