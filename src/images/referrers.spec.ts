import {
  app,
  imageIndex,
  missing,
  type TemporaryImages,
  temporaryImages,
  unknown,
} from '../../test/support/temporary-images.js';
import type { Descriptor } from '../oci/descriptor.js';
import { MediaTypes } from '../oci/media-type.js';
import type { ReferrerQuery } from './referrers.js';

const MiB = 1024 * 1024;
/** What every manifest here is about. */
const subject = { mediaType: MediaTypes.ociManifest, digest: missing, size: 9 };

let registry: TemporaryImages;

beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

async function page(query: ReferrerQuery, repository = app) {
  const { items, nextCursor } = await registry.images.pageReferrers(repository, missing, query);
  return { items: items.map((json): Descriptor => JSON.parse(json.toString())), nextCursor };
}

const digestsOf = (descriptors: readonly Descriptor[]) => descriptors.map(({ digest }) => digest);

describe('pageReferrers', () => {
  it('are descriptors with artifact type and annotations, by digest, filtered, piece by piece', async () => {
    const annotations = JSON.parse('{"__proto__":"x","a":"b\\"\\u00e9"}');
    await registry.pushImage(app, 'sbom', '1', { subject, artifactType: 'application/sbom', annotations });
    await registry.pushImage(app, 'plain', '2', { subject });
    await registry.push(app, 'index', imageIndex([], { subject }));
    await registry.pushImage(app, 'other', '3');
    const { items: all, nextCursor } = await page({ limit: 3 });
    expect(nextCursor).toBeUndefined();
    expect(digestsOf(all)).toEqual([...digestsOf(all)].sort());
    expect(all.map(({ artifactType }) => artifactType).sort()).toEqual([
      'application/sbom',
      MediaTypes.ociConfig,
      undefined,
    ]);
    const [sbom, ...none] = (await page({ limit: 10, artifactType: 'application/sbom' })).items;
    expect(none).toEqual([]);
    expect(JSON.stringify(sbom?.annotations)).toBe(JSON.stringify(annotations));
    expect(await page({ limit: 1 })).toEqual({ items: all.slice(0, 1), nextCursor: all[0]?.digest });
    expect(await page({ limit: 10, last: all[0]?.digest })).toEqual({ items: all.slice(1) });
    expect(await page({ limit: 10 }, unknown)).toEqual({ items: [] });
  });

  it('end where one more would make the page longer than 4 MiB, and have one at least', async () => {
    const pushed: string[] = [];
    for (const [seed, length] of [1.5, 5, 0.1, 1.5, 1.5, 0.1, 2, 4.5].entries()) {
      const long = 'x'.repeat(length * MiB);
      const more = seed % 2 === 0 ? { annotations: { long } } : { artifactType: long };
      pushed.push((await registry.pushImage(app, `t${seed}`, `${seed}`, { subject, ...more })).digest);
    }
    const found: string[] = [];
    for (let last: string | undefined = ''; last !== undefined; ) {
      const { items, nextCursor }: Awaited<ReturnType<typeof page>> = await page({ limit: 100, last });
      expect(items.length).toBeGreaterThan(0);
      if (items.length > 1) expect(JSON.stringify(items).length).toBeLessThan(4 * MiB);
      const [next] = (await page({ limit: 1, last: nextCursor ?? '~' })).items;
      expect(JSON.stringify([...items, ...(next ? [next] : [])]).length > 4 * MiB - 1024).toBe(next !== undefined);
      found.push(...digestsOf(items));
      last = nextCursor;
    }
    expect(found).toEqual(pushed.sort());
  });
});
