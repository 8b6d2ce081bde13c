import fc from 'fast-check';
import { parseByteRange } from './byte-range.js';

const sizes = fc.nat({ max: 10_000 });
/** What a range selects, by looking at every byte. */
const selected = (size: number, wanted: (offset: number) => boolean) => {
  const offsets = Array.from({ length: size }, (_, offset) => offset).filter(wanted);
  const [start] = offsets;
  const end = offsets.at(-1);
  return start === undefined || end === undefined ? 'unsatisfiable' : { start, end };
};

describe('byte range', () => {
  it('first-last selects what is there of it', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, (size, first, last) => {
        expect(parseByteRange(`bytes=${first}-${last}`, size)).toEqual(
          selected(size, (offset) => offset >= first && offset <= last),
        );
      }),
    );
  });

  it('first- selects the rest, -length the end', () => {
    fc.assert(
      fc.property(sizes, sizes, (size, n) => {
        expect(parseByteRange(`bytes=${n}-`, size)).toEqual(selected(size, (offset) => offset >= n));
        expect(parseByteRange(`bytes=-${n}`, size)).toEqual(selected(size, (offset) => offset >= size - n));
      }),
    );
  });

  it.each([
    ['bytes=500-1499', { start: 500, end: 1499 }],
    ['bytes=500-', { start: 500, end: 2047 }],
    ['bytes=-500', { start: 1548, end: 2047 }],
    ['bytes=-5000', { start: 0, end: 2047 }],
    ['bytes=2000-5000', { start: 2000, end: 2047 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['Bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-99999999999999999999999', { start: 0, end: 2047 }],
    ['bytes=500-0', 'unsatisfiable'],
    ['bytes=5000-10000', 'unsatisfiable'],
    ['bytes=2048-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 'unsatisfiable'],
    [undefined, 'whole'],
    ['', 'whole'],
    ['bytes', 'whole'],
    ['bytes=', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=1.5-2', 'whole'],
    ['bytes=0x1-2', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['items=0-1', 'whole'],
  ])('%s of 2048 bytes → %j', (header, expected) => {
    expect(parseByteRange(header, 2048)).toEqual(expected);
  });

  it('never selects a byte that is not there', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `bytes=${text}`),
        ),
        sizes,
        (header, size) => {
          const range = parseByteRange(header, size);
          if (typeof range === 'string') return;
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.end).toBeGreaterThanOrEqual(range.start);
          expect(range.end).toBeLessThan(size);
        },
      ),
    );
  });
});
