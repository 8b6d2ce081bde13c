import { naturalKey } from './natural-key.js';

test('numbers sort by their value, all else as text', () => {
  const sorted = ['1', '1.0', '1.0-rc1', '1.2', '1.9', '1.10', '2', '10', 'a', 'v1.9', 'v1.10', 'v1.10-2', 'v1.10-11'];
  const shuffled = [...sorted].sort((a, b) =>
    a.split('').reverse().join('') < b.split('').reverse().join('') ? -1 : 1,
  );
  expect(shuffled).not.toEqual(sorted);
  expect(shuffled.sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual(sorted);
});
