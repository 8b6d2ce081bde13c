import fc from 'fast-check';
import { hashSecret, makeSecret, type SecretKind, secretKind } from './secret.js';

const prefixes: [SecretKind, string][] = [
  ['token', 'berth_pat_'],
  ['robot', 'berth_rob_'],
  ['refresh', 'berth_ref_'],
];

describe('a secret', () => {
  it.each(prefixes)('of a %s begins with %s, is 46 characters and knows its kind', (kind, prefix) => {
    const { secret, hash, hint } = makeSecret(kind);
    expect(secret).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{36}$`));
    expect(secretKind(secret)).toBe(kind);
    expect([hash, hint]).toEqual([hashSecret(secret), secret.slice(-4)]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another one each time, of all characters', () => {
    const made = Array.from({ length: 200 }, () => makeSecret('token').secret.slice(10, 40));
    expect(new Set(made).size).toBe(made.length);
    expect(new Set(made.join('')).size).toBe(62);
  });

  it('always has the same checksum: what was given out stays good in later versions', () => {
    expect(secretKind('berth_pat_0123456789ABCDEFGHIJKLMNOPQRST4aX5Sk')).toBe('token');
  });

  it('with one character changed is none', () => {
    const { secret } = makeSecret('token');
    fc.assert(
      fc.property(fc.nat(secret.length - 1), fc.constantFrom(...'09AZaz_-'), (place, character) => {
        fc.pre(secret[place] !== character);
        expect(secretKind(secret.slice(0, place) + character + secret.slice(place + 1))).toBeUndefined();
      }),
    );
    expect(secretKind(secret.replace('berth_pat_', 'berth_rob_'))).toBeUndefined();
  });

  it.each(['', 'berth_pat_', 'four green bottles', `berth_pat_${'0'.repeat(36)}`, `${'x'.repeat(100_000)}`])(
    'is not %.40j',
    (text) => {
      expect(secretKind(text)).toBeUndefined();
    },
  );
});
