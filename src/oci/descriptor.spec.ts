import fc from 'fast-check';
import { annotations, descriptors } from '../../test/support/arbitraries.js';
import { formatPlatform, isRunnable, parseAnnotations, parseDescriptor } from './descriptor.js';

const digest = `sha256:${'a'.repeat(64)}`;
const plain = { mediaType: 'application/x', digest, size: 1 };
const refusal = (value: unknown) => {
  try {
    parseDescriptor(value, 'config');
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('descriptor', () => {
  it('means what it says, whatever else is in it', () => {
    fc.assert(
      fc.property(descriptors, fc.dictionary(fc.string(), fc.jsonValue()), (descriptor, more) => {
        const document = JSON.parse(JSON.stringify({ ...more, ...noneOf(descriptor), ...descriptor }));
        expect(parseDescriptor(document, 'config')).toEqual(JSON.parse(JSON.stringify(descriptor)));
      }),
    );
  });

  it.each([
    [null, 'config'],
    [[], 'config'],
    ['x', 'config'],
    [{ ...plain, mediaType: undefined }, 'config.mediaType'],
    [{ ...plain, mediaType: '' }, 'config.mediaType'],
    [{ ...plain, mediaType: 7 }, 'config.mediaType'],
    [{ ...plain, digest: 'sha256:xyz' }, 'config.digest'],
    [{ ...plain, digest: undefined }, 'config.digest'],
    [{ ...plain, digest: [digest] }, 'config.digest'],
    [{ ...plain, size: -1 }, 'config.size'],
    [{ ...plain, size: 1e20 }, 'config.size'],
    [{ ...plain, size: 1.5 }, 'config.size'],
    [{ ...plain, size: '5' }, 'config.size'],
    [{ ...plain, size: null }, 'config.size'],
    [{ ...plain, annotations: { a: 1 } }, 'config.annotations'],
    [{ ...plain, annotations: [] }, 'config.annotations'],
    [{ ...plain, urls: 'http://x' }, 'config.urls'],
    [{ ...plain, urls: [1] }, 'config.urls'],
    [{ ...plain, data: 1 }, 'config.data'],
    [{ ...plain, artifactType: {} }, 'config.artifactType'],
    [{ ...plain, platform: 'linux' }, 'config.platform'],
    [{ ...plain, platform: { os: 1, architecture: 'x' } }, 'config.platform.os'],
  ])('%j is refused and named', (value, named) => {
    expect(refusal(value)).toMatchObject({ code: 'MANIFEST_INVALID', message: expect.stringContaining(named) });
  });

  it('takes members that are null as absent, and an empty platform as none', () => {
    const nulls = { platform: null, artifactType: null, annotations: null, urls: null, data: null };
    expect(parseDescriptor({ ...plain, ...nulls }, 'x')).toEqual(plain);
    expect(parseDescriptor({ ...plain, platform: { os: '', architecture: '' } }, 'x')).toEqual(plain);
  });

  it('keeps annotations by any name', () => {
    fc.assert(
      fc.property(annotations, (map) => {
        expect(JSON.stringify(parseAnnotations(map, 'annotations'))).toBe(JSON.stringify(map));
      }),
    );
    const map = parseAnnotations(JSON.parse('{"__proto__":"x","constructor":"y"}'), 'annotations');
    expect(Object.keys(map ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
  });
});

describe('platform', () => {
  it('is written as docker writes it', () => {
    expect(formatPlatform({ os: 'linux', architecture: 'amd64' })).toBe('linux/amd64');
    expect(formatPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' })).toBe('linux/arm64/v8');
    expect(formatPlatform({ os: 'windows', architecture: 'amd64', 'os.version': '10.0' })).toBe('windows/amd64');
  });

  it('of an attestation runs nowhere', () => {
    expect(isRunnable({ os: 'unknown', architecture: 'unknown' })).toBe(false);
    expect(isRunnable({ os: 'linux', architecture: 'riscv64' })).toBe(true);
  });
});

/** Known members are only in a document when the descriptor has them. */
function noneOf(descriptor: object) {
  const known = ['mediaType', 'digest', 'size', 'platform', 'artifactType', 'annotations', 'urls', 'data', '__proto__'];
  return Object.fromEntries(known.filter((name) => !(name in descriptor)).map((name) => [name, undefined]));
}
