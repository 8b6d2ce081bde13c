import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ownText } from './own-text.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

test.each(['', 'team/app', 'ünïcödé', '名', '😀', 'half \ud800 of one', '\u0000'])('is the same text: %j', (text) => {
  expect(ownText(text)).toBe(text);
});

test('keeps nothing of what it was cut from', () => {
  const pieces: string[] = [];
  const grown = (keep: (piece: string) => string): number => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 1000; i++) {
      const request = Buffer.alloc(10_000, `/v2/team/application-of-${i}/tags/list?`).toString('latin1');
      pieces.push(keep(`user 1 ${request.slice(4, 40)}`));
    }
    collect();
    return process.memoryUsage().heapUsed - before;
  };
  expect(grown(ownText)).toBeLessThan(1_000_000);
  expect(grown((piece) => piece)).toBeGreaterThan(9_000_000); // or there would be nothing to copy for
});
