import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { digests, hexOf } from '../../test/support/arbitraries.js';
import { isFailure } from '../errors/failure.js';
import { digestAlgorithm, digestHex, digestOf, isDigest, makeDigest, parseDigest } from './digest.js';

const hex64 = 'a'.repeat(64);

describe('digest', () => {
  it('is read back as its two parts', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        expect(parseDigest(digest)).toBe(digest);
        expect(makeDigest(digestAlgorithm(digest), digestHex(digest))).toBe(digest);
      }),
    );
  });

  it('of content is what a plain hash says', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('sha256' as const, 'sha512' as const), (bytes, algorithm) => {
        expect(digestOf(bytes, algorithm)).toBe(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
      }),
    );
    expect(digestOf(Buffer.alloc(0))).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('has exactly the digits of its algorithm', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }).chain(hexOf), (hex) => {
        expect(isDigest(`sha256:${hex}`)).toBe(hex.length === 64);
        expect(isDigest(`sha512:${hex}`)).toBe(hex.length === 128);
      }),
    );
  });

  it.each([
    '',
    'sha256',
    'sha256:',
    'sha256:abc',
    'sha256:zz',
    `sha256:${hex64.toUpperCase()}`,
    `SHA256:${hex64}`,
    `sha256:${hex64}0`,
    `sha512:${hex64}`,
    `md5:${'a'.repeat(32)}`,
    `sha384:${'a'.repeat(96)}`,
    `sha256:${hex64}\n`,
    ` sha256:${hex64}`,
    `sha256:${hex64}/x`,
    `sha256:${'ａ'.repeat(64)}`,
    `sha256:../../${'a'.repeat(58)}`,
  ])('%j is none', (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
  });

  it('is not made of any other text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        try {
          parseDigest(text);
          return false;
        } catch (error) {
          return isFailure(error, 'DIGEST_INVALID');
        }
      }),
    );
  });
});
