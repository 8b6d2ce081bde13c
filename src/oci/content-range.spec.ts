import fc from 'fast-check';
import { parseContentRange } from './content-range.js';

const offsets = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('content range', () => {
  it('is the first and the last offset, in this order', () => {
    fc.assert(
      fc.property(offsets, offsets, (a, b) => {
        const start = Math.min(a, b);
        const end = Math.max(a, b);
        expect(parseContentRange(`${start}-${end}`)).toEqual({ start, end });
        if (start < end) expect(() => parseContentRange(`${end}-${start}`)).toThrow();
      }),
    );
  });

  it.each([
    '',
    'abc',
    'bytes 0-9',
    'bytes=0-9',
    '9-0',
    '0-',
    '-5',
    '-',
    '0-9/20',
    '0-9/*',
    '18446744073709551616-18446744073709551617',
    '0-18446744073709551616',
    '0-9,20-29',
    '0-9\n',
    ' 0-9',
    '0x0-9',
    '1e3-2e3',
  ])('%j is none', (header) => {
    expect(() => parseContentRange(header)).toThrow(expect.objectContaining({ code: 'BLOB_UPLOAD_INVALID' }));
  });
});
