import { CommandFailure } from './exit-codes.js';
import { parseExpiry } from './expiry.js';

const now = Date.UTC(2026, 10, 29, 12);

test.each([
  ['90d', '2027-02-27T12:00:00.000Z'],
  ['12h', '2026-11-30T00:00:00.000Z'],
  ['1h30m', '2026-11-29T13:30:00.000Z'],
  ['2027-01-01', new Date(2027, 0, 1).toISOString()],
  ['2028-02-29', new Date(2028, 1, 29).toISOString()],
  ['2027-01-01T18:00:00Z', '2027-01-01T18:00:00.000Z'],
  ['2027-01-01T18:00:00+08:00', '2027-01-01T10:00:00.000Z'],
  ['2027-01-01T18:00', new Date(2027, 0, 1, 18).toISOString()],
])('%s is %s', (text, end) => expect(parseExpiry(text, now)).toBe(end));

test.each([
  ['', 'not a time'],
  ['soon', 'not a time'],
  ['-1d', 'not a time'],
  ['2027-02-30', 'not a time'],
  ['2027-13-01', 'not a time'],
  ['01/02/2027', 'not a time'],
  ['2026-01-01', 'is past'],
  ['2026-11-29T11:59:59Z', 'is past'],
])('%j is refused: %s', (text, reason) => {
  expect(() => parseExpiry(text, now)).toThrow(CommandFailure);
  expect(() => parseExpiry(text, now)).toThrow(reason);
});
