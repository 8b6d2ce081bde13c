import fc from 'fast-check';
import { digests, tags } from '../../test/support/arbitraries.js';
import { formatReference, isTag, parseReference, parseTag } from './reference.js';

describe('reference', () => {
  it('is a tag or a digest, and reads back as it was written', () => {
    fc.assert(
      fc.property(fc.oneof(tags, digests), (text) => {
        const reference = parseReference(text);
        expect(reference.kind).toBe(text.includes(':') ? 'digest' : 'tag');
        expect(formatReference(reference)).toBe(text);
      }),
    );
  });

  it.each([
    ['latest', undefined],
    ['_', undefined],
    ['1.0-rc.1', undefined],
    ['sha256-abc.sig', undefined],
    ['a'.repeat(128), undefined],
    ['', 'TAG_INVALID'],
    ['-x', 'TAG_INVALID'],
    ['.x', 'TAG_INVALID'],
    ['a'.repeat(129), 'TAG_INVALID'],
    ['a b', 'TAG_INVALID'],
    ['é', 'TAG_INVALID'],
    ['a\n', 'TAG_INVALID'],
    ['a/../b', 'TAG_INVALID'],
    ['a%0ab', 'TAG_INVALID'],
    ['a:b', 'DIGEST_INVALID'],
    ['sha256:bad', 'DIGEST_INVALID'],
    ['sha256:baddigeststring', 'DIGEST_INVALID'],
  ])('%j → %s', (text, code) => {
    if (code === undefined) expect(formatReference(parseReference(text))).toBe(text);
    else expect(() => parseReference(text)).toThrow(expect.objectContaining({ code }));
  });

  it('takes no tag with a foreign character', () => {
    const foreign = fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }).filter((c) => !/[\w.-]/.test(c));
    fc.assert(
      fc.property(tags, foreign, fc.nat(), (tag, character, position) => {
        const at = position % (tag.length + 1);
        const text = tag.slice(0, at) + character + tag.slice(at);
        expect(isTag(text)).toBe(false);
        expect(() => parseTag(text)).toThrow(expect.objectContaining({ code: 'TAG_INVALID' }));
      }),
    );
  });
});
