import {
  app,
  imageIndex,
  imageManifest,
  type TemporaryImages,
  temporaryImages,
} from '../../test/support/temporary-images.js';
import { digestOf } from '../oci/digest.js';
import { MediaTypes } from '../oci/media-type.js';

let registry: TemporaryImages;
beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

const countOf = async (table: string) => {
  const [row] = await registry.database.read.query<{ count: number }[]>(`SELECT COUNT(*) AS count FROM ${table}`);
  return row?.count;
};
const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);

describe('an image that is deleted', () => {
  it.each([1, 99, 100, 101, 350])('takes all of its %d tags along, and no other', async (count) => {
    const digest = await registry.push(app, 't0', imageIndex([]), names(count));
    await registry.pushImage(app, 'other', 'x');
    await registry.images.deleteManifest(app, digest);
    expect(await registry.images.listTags(app, { limit: 1000 })).toEqual(['other']);
    // Each came and went, once although the first was named twice.
    expect(await countOf(`tag_moves WHERE tag <> 'other'`)).toBe(2 * count);
  });

  it.each([998, 999, 1000, 2500])('takes along what it says of its %d layers, and nothing of others', async (count) => {
    const config = await registry.addBlob(app, '{}', MediaTypes.ociEmpty);
    const foreign = (i: number) => ({
      mediaType: MediaTypes.ociForeignLayer,
      digest: digestOf(Buffer.from(`${i}`)),
      size: 1,
    });
    const layers = Array.from({ length: count }, (_, i) => foreign(i));
    const kept = await registry.push(app, 'kept', imageManifest(config, layers.slice(0, 5)));
    const digest = await registry.push(app, 't', imageManifest(config, layers));
    expect(await countOf('manifest_references')).toBe(count + 1 + 6);
    await registry.images.deleteManifest(app, digest);
    expect(await countOf('manifest_references')).toBe(6);
    expect(await registry.images.describe(app, kept)).toBeDefined();
  });
});
