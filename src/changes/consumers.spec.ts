import { jest } from '@jest/globals';
import { silentLog } from '../../test/support/temporary-database.js';
import { Consumers } from './consumers.js';
import { MemoryFeed } from './memory-feed.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('trims one at a time, and ends when the last is over', async () => {
  const wakes: (() => void)[] = [];
  const held: (() => void)[] = [];
  let [now, most] = [0, 0];
  const consumers = new Consumers({
    changes: { onAny: (wake) => wakes.push(wake) },
    feed: new MemoryFeed(),
    file: {
      replace: async () => {
        most = Math.max(most, ++now);
        await new Promise<void>((done) => held.push(done));
        now--;
      },
    },
    log: silentLog,
  });
  consumers.onApplicationBootstrap();
  for (let minute = 0; minute < 3; minute++) {
    await jest.advanceTimersByTimeAsync(60_000);
    for (const wake of wakes) wake();
  }
  expect([now, most]).toEqual([1, 1]);
  let over = false;
  const shutdown = consumers.onApplicationShutdown().then(() => {
    over = true;
  });
  await jest.advanceTimersByTimeAsync(0);
  expect([over, most]).toEqual([false, 1]);
  while (!over) {
    for (const done of held.splice(0)) done();
    await jest.advanceTimersByTimeAsync(0);
  }
  await shutdown;
  expect([now, most]).toEqual([0, 1]);
});
