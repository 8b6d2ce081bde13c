import { outcomeOf } from '../../test/support/outcome.js';
import {
  app,
  imageIndex,
  missing,
  type TemporaryImages,
  temporaryImages,
  unknown,
} from '../../test/support/temporary-images.js';
import type { Digest } from '../oci/digest.js';
import { MediaTypes } from '../oci/media-type.js';
import type { TagItem, TagQuery } from './tags.js';

let registry: TemporaryImages;

beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

/** Tags without a push each: name and the second it was pushed. */
async function addTags(tags: Record<string, number>): Promise<void> {
  await registry.pushImage(app, 'template', 'x');
  await registry.database.write(async (tx) => {
    for (const [name, second] of Object.entries(tags)) {
      await tx.sql`INSERT INTO tags (repository_id, name, manifest_id, pushed_at)
        SELECT repository_id, ${name}, manifest_id, ${second * 1000} FROM tags WHERE name = 'template'`;
    }
    await tx.sql`DELETE FROM tags WHERE name = 'template'`;
  });
}

async function walk(query: Omit<TagQuery, 'cursor'>, { images } = registry): Promise<TagItem[][]> {
  const pages: TagItem[][] = [];
  let cursor: string | undefined;
  do {
    const page = await images.pageTags(app, { ...query, cursor });
    pages.push(page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

const bytesOf = async ({ images }: TemporaryImages, digest: Digest) =>
  (await images.findManifest(app, { kind: 'digest', digest }))?.bytes.length;
const namesOf = (pages: TagItem[][]) => pages.map((items) => items.map(({ name }) => name));

describe('listTags', () => {
  it('is in byte order, whatever the language of the machine', async () => {
    await addTags({ b: 1, B: 1, a10: 1, a2: 1, _x: 1, '1.0': 1, Z: 1 });
    const expected = ['1.0', 'B', 'Z', '_x', 'a10', 'a2', 'b'];
    expect(await registry.images.listTags(app, { limit: 10 })).toEqual(expected);
    for (const [index, last] of expected.entries()) {
      expect(await registry.images.listTags(app, { limit: 2, last })).toEqual(expected.slice(index + 1, index + 3));
    }
    expect(await registry.images.listTags(app, { limit: 10, last: 'Za' })).toEqual(['_x', 'a10', 'a2', 'b']);
    expect(await registry.images.listTags(app, { limit: 0 })).toEqual([]);
    expect(await registry.images.listTags(unknown, { limit: 10 })).toEqual([]);
  });
});

describe('pageTags', () => {
  it('by name and by push, piece by piece, each tag once', async () => {
    await addTags({ a: 3, b: 1, c: 2, d: 2, e: 2 });
    expect(namesOf(await walk({ sort: 'name', limit: 2 }))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(namesOf(await walk({ sort: '-pushedAt', limit: 2 }))).toEqual([['a', 'e'], ['d', 'c'], ['b']]);
    expect(namesOf(await walk({ sort: 'name', limit: 5 }))).toEqual([['a', 'b', 'c', 'd', 'e']]);
  });

  it('in every order, forwards and backwards, with and without a search', async () => {
    await addTags({ 'v1.10': 1, 'v1.9': 3, 'v1.9-rc': 2, v2: 2 });
    const expected = {
      name: ['v1.10', 'v1.9', 'v1.9-rc', 'v2'],
      version: ['v1.9', 'v1.9-rc', 'v1.10', 'v2'],
      pushedAt: ['v1.10', 'v1.9-rc', 'v2', 'v1.9'],
      size: ['v1.10', 'v1.9', 'v1.9-rc', 'v2'],
    };
    for (const [sort, names] of Object.entries(expected) as [keyof typeof expected, string[]][]) {
      for (const q of ['', 'v'])
        for (const limit of [1, 3, 4]) {
          expect(namesOf(await walk({ sort, limit, q })).flat()).toEqual(names);
          expect(namesOf(await walk({ sort: `-${sort}`, limit, q })).flat()).toEqual([...names].reverse());
        }
    }
  });

  it('by size, the smallest first', async () => {
    await registry.pushImage(app, 'large', 'x'.repeat(1000));
    await registry.pushImage(app, 'small', 'x');
    expect(namesOf(await walk({ sort: 'size', limit: 1 }))).toEqual([['small'], ['large']]);
    expect(namesOf(await walk({ sort: '-size', limit: 1 }))).toEqual([['large'], ['small']]);
  });

  it('by a size that can no longer be told, all the same', async () => {
    const sparse = await temporaryImages({ sparseIndexes: true });
    const child = { mediaType: MediaTypes.ociManifest, digest: missing, size: Number.MAX_SAFE_INTEGER };
    const huge = await sparse.push(app, 'a', imageIndex([child]));
    const descriptor = { mediaType: MediaTypes.ociIndex, digest: huge, size: (await bytesOf(sparse, huge)) ?? 0 };
    await sparse.push(app, 'b', imageIndex([child, descriptor]), ['c', 'd']);
    await sparse.pushImage(app, 'small', 'x');
    for (const sort of ['size', '-size'] as const) {
      const pages = await walk({ sort, limit: 1 }, sparse);
      expect(namesOf(pages).flat().sort()).toEqual(['a', 'b', 'c', 'd', 'small']);
      const sizes = pages.flat().map(({ totalSize }) => totalSize);
      expect(Math.max(...sizes)).toBe(Number.MAX_SAFE_INTEGER);
    }
    await sparse.remove();
  });

  it('counts what a search would find', async () => {
    await addTags({ 'v1.0': 1, 'v1.1': 1, latest: 1 });
    expect(await registry.images.countTags(app)).toBe(3);
    expect(await registry.images.countTags(app, 'V1.')).toBe(2);
    expect(await registry.images.countTags(unknown)).toBe(0);
  });

  it('finds part of a name in any case, with nothing special in it', async () => {
    await addTags({ 'v1.0-RC': 1, 'v1.0': 2, v2_0: 3, v200: 4 });
    const find = async (q: string) => namesOf(await walk({ sort: 'name', limit: 10, q }))[0];
    expect(await find('rc')).toEqual(['v1.0-RC']);
    expect(await find('V1')).toEqual(['v1.0', 'v1.0-RC']);
    expect(await find('2_')).toEqual(['v2_0']);
    expect(await find('%')).toEqual([]);
  });

  it('tells what a tag is', async () => {
    const image = await registry.pushImage(app, 'image', 'a');
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const attestation = { ...image, platform: { os: 'unknown', architecture: 'unknown' } };
    await registry.push(app, 'index', imageIndex([{ ...image, platform }, attestation]), ['also']);
    const [also, single] = (await registry.images.pageTags(app, { sort: 'name', limit: 10 })).items;
    expect(single).toMatchObject({
      name: 'image',
      digest: image.digest,
      mediaType: MediaTypes.ociManifest,
      platforms: ['linux/amd64'],
      pushedAt: expect.any(Date),
      pushedBy: null,
      aliases: [],
    });
    expect(also).toMatchObject({ name: 'also', platforms: ['linux/arm64/v8'], aliases: ['index'] });
    expect(also?.totalSize).toBe(single?.totalSize);
  });

  it('shows the first ten aliases', async () => {
    await addTags(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${10 + i}`, i])));
    const { items } = await registry.images.pageTags(app, { sort: 'name', limit: 100 });
    expect(items).toHaveLength(30);
    for (const { name, aliases } of items) {
      expect(aliases).toHaveLength(10);
      expect(aliases).not.toContain(name);
    }
  });

  it('refuses a cursor that no page gave', async () => {
    const page = (cursor: string) => registry.images.pageTags(app, { sort: '-pushedAt', limit: 1, cursor });
    for (const cursor of ['', 'x', '1', '-1:a', `${'9'.repeat(20)}:a`]) {
      expect(await outcomeOf(page(cursor))).toBe('VALIDATION_FAILED');
    }
  });
});
