import {
  app,
  imageConfig,
  imageManifest,
  type TemporaryImages,
  temporaryImages,
} from '../../test/support/temporary-images.js';
import { ChangesStore } from '../changes/changes.store.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { parseManifest } from '../oci/manifest.js';
import { MediaTypes } from '../oci/media-type.js';
import { parseTag } from '../oci/reference.js';

let registry: TemporaryImages;
beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

const at = new Date(0);
const layer = { mediaType: MediaTypes.ociLayer, digest: digestOf(Buffer.from('layer')), size: 5 };
const configBytes = Buffer.from(JSON.stringify(imageConfig('a')));
const config = { mediaType: MediaTypes.ociConfig, digest: digestOf(configBytes), size: configBytes.length };
const found = (document: object) => {
  const bytes = Buffer.from(JSON.stringify(document));
  return { digest: digestOf(bytes), bytes, manifest: parseManifest(bytes, undefined), at };
};
const image = found(imageManifest(config, [layer]));
const broken = found(imageManifest(config, [{ ...layer, digest: digestOf(Buffer.from('not there')) }]));

async function adoptAll(): Promise<void> {
  await registry.adoption.linkBlobs(app, [layer, config]);
  await registry.adoption.addManifests(app, [image, broken]);
  await registry.adoption.addTags(app, [
    { tag: parseTag('1.0'), digest: image.digest, at },
    { tag: parseTag('2.0'), digest: broken.digest, at },
  ]);
}
const recorded = async () => {
  const changes = await new ChangesStore(registry.database).behind(0, 100);
  return changes.map(({ kind, payload }) => ({ kind, ...payload }));
};

test('what is taken in is recorded for programs, a row for each transaction, and what is there already is not', async () => {
  await adoptAll();
  const row = (digests: Digest[], ...tags: string[]) => ({ kind: 'adoption', repository: app, digests, tags });
  const all = [
    expect.objectContaining({ kind: 'repository.create' }),
    row([layer.digest, config.digest]),
    row([image.digest]),
    row([], '1.0'),
  ];
  expect(await recorded()).toEqual(all);
  await adoptAll();
  expect(await recorded()).toEqual(all);
  const audit = await registry.database.read.query('SELECT action FROM audit_events');
  expect(audit).toEqual([{ action: 'repository.create' }]);
});

test('what was asked for before, and was not there, is found', async () => {
  const { images } = registry;
  const tag = { kind: 'tag', tag: parseTag('1.0') } as const;
  const ask = async () => [
    (await images.findManifest(app, tag))?.digest,
    (await images.findManifest(app, { kind: 'digest', digest: image.digest }))?.digest,
    (await images.findBlob(app, layer.digest))?.size,
  ];
  expect(await ask()).toEqual([undefined, undefined, undefined]);
  await adoptAll();
  expect(await ask()).toEqual([image.digest, image.digest, layer.size]);
});
