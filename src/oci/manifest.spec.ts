import fc from 'fast-check';
import { annotations, descriptors } from '../../test/support/arbitraries.js';
import { isFailure } from '../errors/failure.js';
import { effectiveArtifactType, isForeignLayer, parseManifest, parsePushedManifest } from './manifest.js';
import { MediaTypes } from './media-type.js';

const { ociManifest, ociIndex, dockerManifest, dockerManifestList } = MediaTypes;
const digest = `sha256:${'a'.repeat(64)}`;
const config = { mediaType: MediaTypes.ociConfig, digest, size: 2 };
const image = { schemaVersion: 2, mediaType: ociManifest, config, layers: [] };
const index = { schemaVersion: 2, mediaType: ociIndex, manifests: [] };

const encode = (document: unknown) => Buffer.from(JSON.stringify(document));
const parse = (document: unknown, contentType?: string) => parseManifest(encode(document), contentType);
const reasonOf = (bytes: Uint8Array, contentType?: string) => {
  try {
    return parseManifest(bytes, contentType);
  } catch (error) {
    if (isFailure(error, 'MANIFEST_INVALID')) return error.message;
    throw error;
  }
};

describe('parsePushedManifest', () => {
  const pushedReason = (text: string) => {
    try {
      parsePushedManifest(Buffer.from(text), undefined);
    } catch (error) {
      if (isFailure(error, 'MANIFEST_INVALID')) return error.message;
      throw error;
    }
  };
  const withMember = (member: string) => JSON.stringify(image).replace(/}$/, `,"x":${member}}`);
  const times = (count: number, text: string) => Array(count).fill(text).join();

  it('takes 4 MiB of descriptors', () => {
    const layers = Array.from({ length: 36_000 }, () => ({ ...config, mediaType: 'a/b' }));
    expect(pushedReason(JSON.stringify({ ...image, layers }))).toBeUndefined();
    expect(pushedReason(withMember(JSON.stringify('x'.repeat(4_000_000))))).toBeUndefined();
    expect(pushedReason(withMember(`${'['.repeat(99)}${']'.repeat(99)}`))).toBeUndefined();
  });

  it.each([
    ['nested deeper', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['more than 250000 values', `[${times(300_000, '{}')}]`],
    ['more than 250000 values', `[${times(300_000, '0')}]`],
    ['nested deeper', `${'['.repeat(1_000_000)}`],
  ])('refuses what is hard to read: %s', (reason, member) => {
    expect(pushedReason(withMember(member))).toContain(reason);
  });

  it.each([
    [dockerManifest, image],
    [dockerManifestList, index],
  ])('wants %s stated in the document', (type, document) => {
    for (const mediaType of [undefined, null, ''])
      expect(() => parsePushedManifest(encode({ ...document, mediaType }), type)).toThrow(
        `lacks its mediaType, ${type}`,
      );
    expect(parsePushedManifest(encode({ ...document, mediaType: type }), undefined)).toMatchObject({ mediaType: type });
  });

  it('refuses an artifact type that is no media type', () => {
    const long = 'a'.repeat(256);
    for (const document of [
      { ...image, artifactType: long },
      { ...image, config: { ...config, mediaType: long } },
    ])
      expect(pushedReason(JSON.stringify(document))).toContain('artifact type');
    expect(pushedReason(JSON.stringify({ ...image, artifactType: 'a'.repeat(255) }))).toBeUndefined();
  });
});

describe('parseManifest', () => {
  it('gives the meaning of any image', () => {
    const types = fc.constantFrom(ociManifest, dockerManifest);
    fc.assert(
      fc.property(types, descriptors, fc.array(descriptors), annotations, (mediaType, config, layers, annotations) => {
        const document = JSON.parse(JSON.stringify({ schemaVersion: 2, mediaType, config, layers, annotations }));
        const { schemaVersion: _, ...meaning } = document;
        expect(parse(document, mediaType)).toEqual({ kind: 'image', ...meaning });
      }),
    );
  });

  it('gives the meaning of any index', () => {
    const types = fc.constantFrom(ociIndex, dockerManifestList);
    fc.assert(
      fc.property(types, fc.array(descriptors), descriptors, (mediaType, manifests, subject) => {
        const document = JSON.parse(JSON.stringify({ schemaVersion: 2, mediaType, manifests, subject }));
        const { schemaVersion: _, ...meaning } = document;
        expect(parse(document, mediaType)).toEqual({ kind: 'index', annotations: {}, ...meaning });
      }),
    );
  });

  it('throws MANIFEST_INVALID and nothing else, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            schemaVersion: fc.constant(2),
            mediaType: fc.constantFrom(ociManifest, ociIndex),
            config: fc.jsonValue(),
            layers: fc.jsonValue(),
            manifests: fc.jsonValue(),
            subject: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map(encode),
    );
    fc.assert(
      fc.property(anything, (bytes) => void reasonOf(bytes)),
      { numRuns: 500 },
    );
  });

  const text = JSON.stringify(image);
  it.each<[string, Uint8Array, string?]>([
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('manifest')],
    ['half a document', Buffer.from(text.slice(0, -1))],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['trailing garbage', Buffer.from(`${text}x`)],
    ['two documents', Buffer.from(text + text)],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')])],
    ['an array', encode([image])],
    ['a string', encode('str')],
    ['null', encode(null)],
    ['a number', encode(42)],
    ['deep nesting and nothing else', Buffer.alloc(4 * 1024 * 1024, '[')],
    ['schema 1', encode({ ...image, schemaVersion: 1 })],
    ['signed schema 1', encode({ schemaVersion: 1, name: 'a', fsLayers: [], signatures: [] })],
    ['schema 1 by its type', encode({ ...image, mediaType: undefined }), MediaTypes.dockerSchema1Signed],
    ['schemaVersion "2"', encode({ ...image, schemaVersion: '2' })],
    ['no schemaVersion', encode({ ...image, schemaVersion: undefined })],
    ['no config', encode({ ...image, config: undefined })],
    ['a config of null', encode({ ...image, config: null })],
    ['a size of -1', encode({ ...image, config: { ...config, size: -1 } })],
    ['a size of 1e20', encode({ ...image, config: { ...config, size: 1e20 } })],
    ['a size of "5"', encode({ ...image, config: { ...config, size: '5' } })],
    ['a bad digest', encode({ ...image, layers: [{ ...config, digest: 'sha256:xyz' }] })],
    ['layers that are no list', encode({ ...image, layers: {} })],
    ['manifests that are no list', encode({ ...index, manifests: 'x' })],
    ['an image with manifests', encode({ ...image, manifests: [] })],
    ['an index with layers', encode({ ...index, layers: [] })],
    ['an index with a config', encode({ ...index, config })],
    ['a bad subject', encode({ ...image, subject: 'x' })],
    ['annotations that are no strings', encode({ ...image, annotations: { a: { b: 1 } } })],
    ['no media type at all', encode({ ...image, mediaType: undefined })],
    ['no media type but JSON', encode({ ...image, mediaType: undefined }), 'application/json'],
    ['another Content-Type', encode(image), dockerManifest],
    ['the Content-Type of text', encode(image), 'text/plain'],
    ['the type of an index over an image', encode(image), ociIndex],
    ['an unknown type', encode({ ...image, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' })],
    ['a type that is no text', encode({ ...image, mediaType: 7 })],
  ])('refuses %s', (...[, bytes, contentType]) => {
    expect(reasonOf(bytes, contentType)).toEqual(expect.any(String));
  });

  it.each<[string, object, string | undefined, string]>([
    ['both agreeing', image, ociManifest, ociManifest],
    ['the body when there is no Content-Type', image, undefined, ociManifest],
    ['the body when the Content-Type is only JSON', index, 'application/json', ociIndex],
    ['the body when the Content-Type is JSON with a charset', index, 'application/json; charset=utf-8', ociIndex],
    ['the Content-Type when the body says nothing', { ...image, mediaType: undefined }, ociManifest, ociManifest],
    ['the Content-Type without its parameters', image, `${ociManifest}; charset=utf-8`, ociManifest],
  ])('takes its type from %s', (_name, document, contentType, expected) => {
    expect(parse(document, contentType).mediaType).toBe(expected);
  });

  it('accepts configs and layers of any type', () => {
    const layer = { mediaType: 'application/vnd.buildkit.cacheconfig.v0', digest, size: 0 };
    const chart = {
      ...image,
      config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      layers: [layer],
    };
    expect(parse(chart)).toMatchObject({ kind: 'image', layers: [layer] });
  });

  it('accepts lists that Go writes as null', () => {
    expect(parse({ ...image, layers: null, manifests: null, annotations: null, subject: null })).toMatchObject({
      layers: [],
    });
    expect(parse({ ...index, manifests: null, layers: null })).toMatchObject({ kind: 'index', manifests: [] });
  });

  it('is not touched by keys of the language', () => {
    const hostile = `{"__proto__":{"polluted":true},${text.slice(1, -1)},"annotations":{"__proto__":"<script>","constructor":"x"}}`;
    const manifest = parseManifest(Buffer.from(hostile), ociManifest);
    expect(Object.entries(manifest.annotations)).toEqual([
      ['__proto__', '<script>'],
      ['constructor', 'x'],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('does not go into members that it does not know, however deep', () => {
    const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    expect(parseManifest(Buffer.from(`${text.slice(0, -1)},"x":${deep}}`), undefined)).toMatchObject({ kind: 'image' });
  });
});

describe('artifact type', () => {
  it('of an image falls back to the type of its config, of an index to nothing', () => {
    expect(effectiveArtifactType(parse({ ...image, artifactType: 'a/b' }))).toBe('a/b');
    expect(effectiveArtifactType(parse(image))).toBe(MediaTypes.ociConfig);
    expect(effectiveArtifactType(parse({ ...image, artifactType: '' }))).toBe(MediaTypes.ociConfig);
    expect(effectiveArtifactType(parse(index))).toBeUndefined();
  });
});

describe('foreign layers', () => {
  it.each([
    [MediaTypes.dockerForeignLayer, true],
    [MediaTypes.ociForeignLayer, true],
    [MediaTypes.ociForeignLayerGzip, true],
    [MediaTypes.ociForeignLayerZstd, true],
    [MediaTypes.ociLayerGzip, false],
    [MediaTypes.dockerLayer, false],
  ])('%s: %s, with or without urls', (mediaType, expected) => {
    const layer = { ...config, mediaType, urls: ['http://192.0.2.1/'] };
    const manifest = parse({ ...image, layers: [layer, { ...layer, urls: undefined }] });
    expect(manifest.kind === 'image' && manifest.layers.map(isForeignLayer)).toEqual([expected, expected]);
  });
});
