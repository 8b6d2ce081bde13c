import { Handshakes } from './handshakes.js';

const begun = (handshakes: Handshakes<string>, address: string, count: number): (string | undefined)[] =>
  Array.from({ length: count }, (_, i) => handshakes.begin(`${address} ${i}`, address));

test('512 are under way at most, and the oldest of whoever has most makes room', () => {
  const handshakes = new Handshakes<string>();
  expect(begun(handshakes, 'team', 100).filter(Boolean)).toEqual([]);
  expect(begun(handshakes, 'eve', 412).filter(Boolean)).toEqual([]);
  expect(begun(handshakes, 'bob', 2)).toEqual(['eve 0', 'eve 1']);
  expect(begun(handshakes, 'eve', 500).at(-1)).toBe('eve 89');
});

test('those that are over take no place, however often that is told', () => {
  const handshakes = new Handshakes<string>();
  begun(handshakes, 'team', 512);
  for (const _ of [1, 2]) handshakes.over('team 7', 'team');
  expect(begun(handshakes, 'bob', 2)).toEqual([undefined, 'team 0']);
});
