import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { BodyTurns } from './body-turns.js';

const KiB = 1024;
const nextTurn = () => new Promise(setImmediate);

/** Bodies by what they brought so far, all of which are read as fast as they are given. */
function given() {
  const state = { isBusy: false };
  const turns = new BodyTurns(() => state.isBusy);
  const open = (key: string) => {
    // Of a request only the stream and that it is not complete is looked at.
    const body = Object.assign(new PassThrough({ highWaterMark: 1 }), { complete: false });
    const request = body as unknown as IncomingMessage;
    let bytes = 0;
    turns.watch(request, key);
    body.on('data', (piece: Buffer) => {
      bytes += piece.length;
    });
    return { request, bring: (count: number) => body.write(Buffer.alloc(count)), bytes: () => bytes };
  };
  return { turns, state, open };
}

test('little is read at once', async () => {
  const { turns, open } = given();
  const body = open('a');
  for (let piece = 0; piece < 3; piece++) body.bring(64 * KiB);
  await nextTurn();
  expect(turns.waits(body.request)).toBe(false);
  expect(body.bytes()).toBe(3 * 64 * KiB);
});

test('much is read a few pieces a turn, each address in its turn', async () => {
  const { turns, open } = given();
  const crowd = Array.from({ length: 20 }, () => open('crowd'));
  const other = open('other');
  await nextTurn();
  for (const body of [...crowd, other]) for (let piece = 0; piece < 3; piece++) body.bring(64 * KiB);
  const sum = () => crowd.reduce((bytes, body) => bytes + body.bytes(), 0);
  await nextTurn();
  const before = sum();
  expect(crowd.some(({ request }) => turns.waits(request))).toBe(true);
  await nextTurn();
  await nextTurn();
  expect(sum() - before).toBeLessThanOrEqual(2 * 4 * 64 * KiB);
  expect(other.bytes()).toBe(3 * 64 * KiB);
  while (sum() < 20 * 3 * 64 * KiB) await nextTurn();
  while (crowd.some(({ request }) => turns.waits(request))) await nextTurn();
});

test('nothing more is read while something else has to be done', async () => {
  const { turns, state, open } = given();
  const body = open('a');
  await nextTurn();
  state.isBusy = true;
  body.bring(KiB);
  await nextTurn();
  expect(turns.waits(body.request)).toBe(true);
  await nextTurn();
  expect(turns.waits(body.request)).toBe(true);
  state.isBusy = false;
  await nextTurn();
  expect(turns.waits(body.request)).toBe(false);
});
