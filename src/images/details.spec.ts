import {
  app,
  imageConfig,
  imageIndex,
  imageManifest,
  missing,
  other,
  type TemporaryImages,
  temporaryImages,
} from '../../test/support/temporary-images.js';
import { MediaTypes } from '../oci/media-type.js';

let registry: TemporaryImages;

beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

const describeImage = (digest: typeof missing) => registry.images.describe(app, digest);

describe('describe', () => {
  it('tells of an image what its manifest and its config say', async () => {
    const history = [
      { created_by: '/bin/sh -c #(nop) ADD rootfs /' },
      { created_by: 'ENV A=1', empty_layer: true },
      { created_by: 'RUN /bin/sh -c make # buildkit' },
    ];
    const document = imageConfig('x', { config: { Cmd: ['sh'], Labels: { a: 'b' } }, history });
    const config = await registry.addBlob(app, JSON.stringify(document), MediaTypes.ociConfig);
    const layers = [await registry.addBlob(app, 'base'), await registry.addBlob(app, 'made')];
    const manifest = imageManifest(config, layers, { annotations: { title: 'App' } });
    const digest = await registry.push(app, '1.0', manifest, ['1', 'latest']);
    const size = Buffer.byteLength(JSON.stringify(manifest));
    expect(await describeImage(digest)).toMatchObject({
      kind: 'image',
      digest,
      mediaType: MediaTypes.ociManifest,
      artifactType: MediaTypes.ociConfig,
      subject: null,
      size,
      totalSize: size + config.size + 8,
      platforms: ['linux/amd64'],
      annotations: { title: 'App' },
      pushedAt: expect.any(Date),
      pushedBy: null,
      raw: JSON.stringify(manifest),
      tags: ['1', '1.0', 'latest'],
      referrers: [],
      configDigest: config.digest,
      config: { cmd: ['sh'], labels: { a: 'b' } },
      layers: [
        { digest: layers[0]?.digest, size: 4, foreign: false, command: 'ADD rootfs /' },
        { digest: layers[1]?.digest, size: 4, foreign: false, command: 'RUN make' },
      ],
      history: [
        { command: 'ADD rootfs /', empty: false, size: 4 },
        { command: 'ENV A=1', empty: true },
        { command: 'RUN make', empty: false, size: 4 },
      ],
    });
  });

  it('guesses nothing when the history does not fit the layers', async () => {
    const document = imageConfig('x', { history: [{ created_by: 'ADD a' }, { created_by: 'ADD b' }] });
    const config = await registry.addBlob(app, JSON.stringify(document), MediaTypes.ociConfig);
    const digest = await registry.push(app, 't', imageManifest(config, [await registry.addBlob(app, 'squashed')]));
    const detail = await describeImage(digest);
    expect(detail?.kind === 'image' && detail.layers[0]?.command).toBeUndefined();
    expect(detail?.kind === 'image' && detail.history[0]?.size).toBeUndefined();
  });

  it.each([
    ['is no image config', MediaTypes.ociEmpty, '{}'],
    ['is no JSON', MediaTypes.ociConfig, 'nonsense'],
    [
      'is larger than anybody reads',
      MediaTypes.dockerConfig,
      JSON.stringify({ os: 'linux', x: 'x'.repeat(1_048_577) }),
    ],
  ])('does without a config that %s', async (_name, mediaType, content) => {
    const config = await registry.addBlob(app, content, mediaType);
    const digest = await registry.push(app, 't', imageManifest(config, []));
    const detail = await describeImage(digest);
    expect(detail).toMatchObject({ kind: 'image', platforms: [], history: [] });
    expect(detail?.kind === 'image' && detail.config).toBeUndefined();
  });

  it('tells of an index its children, attestations apart, and which are missing', async () => {
    const sparse = await temporaryImages({ sparseIndexes: true });
    const image = await sparse.pushImage(app, 'image', 'a');
    const detail = await sparse.images.describe(app, image.digest);
    const absent = { mediaType: MediaTypes.ociManifest, digest: missing, size: 7 };
    const index = await sparse.push(
      app,
      'index',
      imageIndex([
        image,
        { ...absent, platform: { os: 'linux', architecture: 's390x' } },
        { ...absent, platform: { os: 'unknown', architecture: 'unknown' } },
      ]),
    );
    expect(await sparse.images.describe(app, index)).toMatchObject({
      kind: 'index',
      platforms: ['linux/amd64', 'linux/s390x'],
      totalSize: (detail?.totalSize ?? 0) + 7,
      children: [
        { digest: image.digest, platform: 'linux/amd64', totalSize: detail?.totalSize, present: true },
        { digest: missing, platform: 'linux/s390x', totalSize: 7, present: false },
      ],
      attestations: [{ digest: missing, platform: 'unknown/unknown' }],
    });
    await sparse.remove();
  });

  it('lists what refers to it', async () => {
    const subject = await registry.pushImage(app, 'image', 'a');
    const signature = await registry.pushImage(app, 'signature', 's', { subject, artifactType: 'application/x.sig' });
    expect(await describeImage(subject.digest)).toMatchObject({ referrers: [{ digest: signature.digest }] });
    expect(await describeImage(signature.digest)).toMatchObject({ subject: subject.digest });
  });

  it('leaves out what is long of them', async () => {
    const subject = await registry.pushImage(app, 'image', 'a');
    const annotations = { long: 'x'.repeat(1024 * 1024) };
    for (const seed of ['1', '2', '3', '4', '5']) await registry.pushImage(app, seed, seed, { subject, annotations });
    await registry.pushImage(app, 'short', 'short', { subject, annotations: { a: 'b' } });
    const { referrers = [], hasMoreReferrers } = (await describeImage(subject.digest)) ?? {};
    expect(referrers).toHaveLength(6);
    expect(referrers.map(({ annotations }) => annotations).filter(Boolean)).toEqual([{ a: 'b' }]);
    expect(hasMoreReferrers).toBe(false);
  });

  it('says when there are more tags than it lists', async () => {
    const digest = await registry.push(
      app,
      't',
      imageIndex([]),
      Array.from({ length: 99 }, (_, i) => `t${i}`),
    );
    expect(await describeImage(digest)).toMatchObject({ tags: { length: 100 }, hasMoreTags: false });
    await registry.push(app, 'u', imageIndex([]));
    expect(await describeImage(digest)).toMatchObject({ tags: { length: 100 }, hasMoreTags: true });
  });

  it('tells the beginning of a manifest that names more than anybody reads, and how much there is', async () => {
    const config = await registry.addBlob(app, JSON.stringify(imageConfig('x')), MediaTypes.ociConfig);
    const layer = await registry.addBlob(app, 'layer');
    const notes = Array.from({ length: 5000 }, (_, i) => [`k${i}`, 'x'.repeat(i === 0 ? 500_000 : 9)]);
    const annotations = Object.fromEntries(notes);
    const deep = JSON.parse(`${'['.repeat(90)}${']'.repeat(90)}`);
    const layers = Array.from({ length: 10_000 }, () => layer);
    const digest = await registry.push(app, 't', imageManifest(config, layers, { annotations, deep }));
    const detail = await describeImage(digest);
    expect(detail?.counts).toEqual({ annotations: 5000, layers: 10_000, manifests: 0 });
    expect(detail?.kind === 'image' && detail.layers).toHaveLength(200);
    expect(Object.keys(detail?.annotations ?? {})).toHaveLength(200);
    expect(detail?.annotations.k0).toBe(`${'x'.repeat(4095)}…`);
    expect([detail?.raw.length, detail?.rawIsWhole]).toEqual([64 * 1024, false]);
    expect(JSON.stringify(detail).length).toBeLessThan(512 * 1024);
  });

  it('knows nothing of another repository', async () => {
    const { digest } = await registry.pushImage(app, 'image', 'a');
    expect(await registry.images.describe(other, digest)).toBeUndefined();
    expect(await describeImage(missing)).toBeUndefined();
  });
});
