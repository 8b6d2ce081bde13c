import { clock } from '../../async/clock.js';
import type { Scope } from '../../oci/scope.js';
import { HeldAccess } from './held-access.js';

const megabyte = 1 << 20;
const life = 300_000;
const grace = 3_600_000;

let now: number;
clock.wall = () => now;

let held: HeldAccess;

beforeEach(() => {
  now = Date.parse('2026-01-01T00:00:00Z');
  held = new HeldAccess(grace);
});

/** A list of 200 scopes of its own, of about 80 KB. */
function list(name: string): Scope[] {
  return Array.from({ length: 200 }, (_, i) => ({
    type: 'repository',
    name: `${name}/${i}`.padStart(250, 'x'),
    actions: ['pull'],
  }));
}

const keep = (holder: string, name: string) => held.keep(holder, list(name), now + life);

test('keeps what was asked for, apart from what it was given', () => {
  const access = list('a');
  const id = held.keep('user:1', access, now + life);
  expect(held.find(id)).toEqual(access);
  expect(held.find(id)).not.toBe(access);
  expect(held.find('another')).toBeUndefined();
});

test('is the same for the same holder, and nobody else’s', () => {
  const ids = [keep('user:1', 'a'), keep('user:1', 'a'), keep('user:2', 'a'), keep('user:1', 'b')];
  expect(new Set(ids).size).toBe(3);
  const { bytes } = held;
  keep('user:1', 'a');
  expect(held.bytes).toBe(bytes);
});

test('of one holder 4 MiB are kept: the oldest goes, and what is asked for again is not old', () => {
  const other = keep('user:2', 'a');
  const ids = [keep('user:1', '0'), keep('user:1', '1')];
  for (let i = 2; i < 100; i++) {
    keep('user:1', '0');
    ids.push(keep('user:1', `${i}`));
    expect(held.find(ids.at(-1) ?? '')).toBeDefined();
  }
  expect(held.bytes).toBeLessThanOrEqual(4.2 * megabyte);
  expect(ids.filter((id) => held.find(id)).length).toBeGreaterThan(40);
  expect([ids[0], ids[1], other].map((id = '') => held.find(id) !== undefined)).toEqual([true, false, true]);
});

test('of all 32 MiB are kept, and who has one list keeps it while others have many', () => {
  const single = keep('user:0', 'a');
  const newest = Array.from({ length: 600 }, (_, i) => keep(`robot:${i % 20}`, `${i}`)).at(-1) ?? '';
  expect(held.bytes).toBeLessThanOrEqual(32 * megabyte);
  expect(held.bytes).toBeGreaterThan(30 * megabyte);
  expect([single, newest].map((id) => held.find(id) !== undefined)).toEqual([true, true]);
});

test('where everybody has one, the one asked for longest ago goes', () => {
  const ids = Array.from({ length: 600 }, (_, i) => keep(`address:${i}`, 'a'));
  expect(held.bytes).toBeLessThanOrEqual(32 * megabyte);
  const kept = ids.map((id) => held.find(id) !== undefined);
  expect(kept.indexOf(true)).toBe(kept.lastIndexOf(false) + 1);
});

test('what is over goes before what is not', () => {
  const over = keep('user:0', 'over');
  now += life + 1;
  for (let i = 0; held.find(over) !== undefined && i < 1000; i++) keep(`robot:${i % 20}`, `${i}`);
  expect(held.bytes).toBeGreaterThan(30 * megabyte);
  expect(held.find(over)).toBeUndefined();
});

test('goes when its last token is good for nothing any more', () => {
  const [once, again] = [keep('user:1', 'once'), keep('user:1', 'again')];
  now += grace;
  keep('user:1', 'again');
  expect(held.find(once)).toBeDefined();
  now += life + 1;
  keep('user:2', 'x');
  expect([held.find(once) === undefined, held.find(again) !== undefined]).toEqual([true, true]);
});
