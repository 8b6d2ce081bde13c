import fc from 'fast-check';
import { maxPageSize, parsePageSize } from './page.js';

describe('page size', () => {
  it('is the number, up to the largest page', () => {
    fc.assert(fc.property(fc.nat(), (n) => expect(parsePageSize(String(n))).toBe(Math.min(n, maxPageSize))));
    expect(parsePageSize('0')).toBe(0);
    expect(parsePageSize(undefined)).toBeUndefined();
    expect(parsePageSize('1000000000')).toBe(maxPageSize);
    expect(parsePageSize('9'.repeat(400))).toBe(maxPageSize);
  });

  it.each(['-1', 'abc', '1.5', '', '9e99', '+1', ' 1', '1\n', '0x10', '١'])('%j is none', (text) => {
    expect(() => parsePageSize(text)).toThrow(expect.objectContaining({ code: 'PAGINATION_NUMBER_INVALID' }));
  });

  it('is digits and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        if (!/^[0-9]+$/.test(text)) expect(() => parsePageSize(text)).toThrow();
      }),
    );
  });
});
