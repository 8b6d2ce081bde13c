import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { outcomeOf } from '../../test/support/outcome.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { MediaTypes } from '../oci/media-type.js';
import { parseReference, type Tag } from '../oci/reference.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Registry } from './registry.js';

export interface RegistryUnderTest {
  readonly registry: Registry;
  /** Releases everything; answers what was left behind. */
  close(): Promise<string[]>;
}

/** What not every registry of the world can do. */
export interface Abilities {
  /** Deletes a tag and leaves its manifest. */
  readonly deletesTags: boolean;
  /** Has the list of referrers, and keeps it. */
  readonly knowsReferrers: boolean;
}

const content = (seed: string, length: number) => Buffer.alloc(length, `${seed}. `);
const [app, other] = [parseRepositoryName('team/app'), parseRepositoryName('team/other')];
const manifestMediaType = MediaTypes.ociManifest;

/** What every registry promises that is used through the port, ours and others'. */
export function describeRegistry(
  name: string,
  start: () => Promise<RegistryUnderTest>,
  { deletesTags, knowsReferrers }: Abilities = { deletesTags: true, knowsReferrers: true },
): void {
  describe(`${name} is a registry`, () => {
    let under: RegistryUnderTest;
    let registry: Registry;
    beforeAll(async () => {
      under = await start();
      registry = under.registry;
    });
    afterAll(async () => {
      expect(await under?.close()).toEqual([]);
    });

    const at = (repository: RepositoryName, reference: string) => ({
      repository,
      reference: parseReference(reference),
    });
    const statOf = (bytes: Buffer) => ({ digest: digestOf(bytes), size: bytes.length });
    /** In pieces, as a network brings them. */
    const source = (bytes: Buffer) => async () =>
      Readable.from(
        Array.from({ length: Math.ceil(bytes.length / 50_000) }, (_, piece) =>
          bytes.subarray(piece * 50_000, (piece + 1) * 50_000),
        ),
        { objectMode: false },
      );
    const write = async (repository: RepositoryName, bytes: Buffer) => {
      await registry.writeBlob(repository, statOf(bytes), source(bytes));
      return { mediaType: MediaTypes.ociLayer, ...statOf(bytes) };
    };
    const read = async (repository: RepositoryName, digest: Digest, range?: { start: number; end: number }) =>
      await buffer(await registry.readBlob(repository, digest, range));
    const tagsOf = async (repository: RepositoryName) => {
      const tags: Tag[] = [];
      for await (const page of registry.listTags(repository)) tags.push(...page);
      return tags;
    };
    /** An image of one layer, which is not pushed yet. */
    const imageOf = async (repository: RepositoryName, seed: string, more: object = {}) => {
      const config = { ...(await write(repository, Buffer.from(JSON.stringify({ seed })))), mediaType: 'text/seed' };
      const layers = [await write(repository, content(seed, 1000))];
      const document = { schemaVersion: 2, mediaType: manifestMediaType, config, layers, ...more };
      const bytes = Buffer.from(JSON.stringify(document));
      return { bytes, digest: digestOf(bytes), mediaType: manifestMediaType, size: bytes.length };
    };
    const descriptorOf = ({ mediaType, digest, size }: Awaited<ReturnType<typeof imageOf>>) => ({
      mediaType,
      digest,
      size,
    });

    test('nothing is where nothing was put', async () => {
      const nowhere = parseRepositoryName('team/nowhere');
      const unknown = digestOf(content('unknown', 10));
      for (const reference of ['latest', unknown]) {
        expect(await registry.statManifest(at(nowhere, reference))).toBeUndefined();
        expect(await outcomeOf(registry.getManifest(at(nowhere, reference)))).toBe('MANIFEST_UNKNOWN');
      }
      expect(await registry.statBlob(nowhere, unknown)).toBeUndefined();
      expect(await outcomeOf(registry.readBlob(nowhere, unknown))).toBe('BLOB_UNKNOWN');
      expect(await tagsOf(nowhere)).toEqual([]);
      expect(await registry.listReferrers(nowhere, unknown)).toEqual([]);
    });

    test.each([0, 1, 1000, 700_001])(
      'a blob of %i bytes is read as it was written, however often that was',
      async (size) => {
        const bytes = content(`blob of ${size}`, size);
        const digest = digestOf(bytes);
        for (let time = 0; time < 2; time++) await write(app, bytes);
        expect(await registry.statBlob(app, digest)).toEqual({ digest, size });
        expect((await read(app, digest)).equals(bytes)).toBe(true);
      },
    );

    test('a part of a blob is read alone', async () => {
      const bytes = content('part', 300_000);
      const { digest } = await write(app, bytes);
      for (const [start, end] of [
        [0, 0],
        [100_000, 199_999],
        [299_999, 299_999],
      ] as const)
        expect((await read(app, digest, { start, end })).equals(bytes.subarray(start, end + 1))).toBe(true);
    });

    test('many write one blob at once', async () => {
      const bytes = content('crowd', 200_000);
      await Promise.all(Array.from({ length: 6 }, () => write(app, bytes)));
      expect((await read(app, digestOf(bytes))).equals(bytes)).toBe(true);
    });

    test('bytes that are not the promised ones are refused and leave nothing', async () => {
      const promised = content('promised', 100_000);
      const blob = statOf(promised);
      const lies: [Buffer, string][] = [
        [content('another', 100_000), 'DIGEST_INVALID'],
        [promised.subarray(1), 'SIZE_INVALID'],
        [Buffer.concat([promised, promised]), 'SIZE_INVALID'],
      ];
      for (const [bytes, code] of lies) {
        expect(await outcomeOf(registry.writeBlob(app, blob, source(bytes)))).toBe(code);
        expect(await registry.statBlob(app, blob.digest)).toBeUndefined();
      }
    });

    test('a source that fails is what the writer hears of', async () => {
      const bytes = content('failing', 100_000);
      async function* failing() {
        yield bytes.subarray(0, 70_000);
        throw new Error('the source broke');
      }
      const writing = registry.writeBlob(app, statOf(bytes), async () =>
        Readable.from(failing(), { objectMode: false }),
      );
      await expect(writing).rejects.toThrow('the source broke');
      const unopened = registry.writeBlob(app, statOf(bytes), () => Promise.reject(new Error('the source is closed')));
      await expect(unopened).rejects.toThrow('the source is closed');
      expect(await registry.statBlob(app, digestOf(bytes))).toBeUndefined();
    });

    test('a manifest is had by tag and by digest, byte for byte', async () => {
      const image = await imageOf(app, 'manifest');
      expect(await registry.putManifest(at(app, 'v1'), image)).toEqual(descriptorOf(image));
      const { bytes, digest, mediaType } = image;
      for (const reference of ['v1', digest]) {
        expect(await registry.statManifest(at(app, reference))).toEqual(descriptorOf(image));
        expect(await registry.getManifest(at(app, reference))).toEqual({ mediaType, digest, bytes });
      }
      const next = await imageOf(app, 'next manifest');
      await registry.putManifest(at(app, next.digest), next);
      await registry.putManifest(at(app, 'v1'), next);
      expect(await registry.statManifest(at(app, 'v1'))).toEqual(descriptorOf(next));
    });

    test('a manifest that cannot be is refused', async () => {
      const image = await imageOf(app, 'refused');
      const wrong = at(app, digestOf(content('wrong', 5)));
      expect(await outcomeOf(registry.putManifest(wrong, image))).toBe('DIGEST_INVALID');
      const absent = { mediaType: MediaTypes.ociLayer, ...statOf(content('absent', 5)) };
      const dangling = await imageOf(app, 'dangling', { layers: [absent] });
      expect(await outcomeOf(registry.putManifest(at(app, 'dangling'), dangling))).toBe('MANIFEST_BLOB_UNKNOWN');
      const nonsense = { mediaType: manifestMediaType, bytes: Buffer.from('{"schemaVersion":2,"mediaType":"') };
      expect(await outcomeOf(registry.putManifest(at(app, 'nonsense'), nonsense))).toBe('MANIFEST_INVALID');
      for (const tag of ['dangling', 'nonsense']) expect(await registry.statManifest(at(app, tag))).toBeUndefined();
    });

    test('a blob is mounted from where it is, and written where it cannot be', async () => {
      const bytes = content('mounted', 5000);
      const { digest } = await write(app, bytes);
      expect(await registry.mountBlob(other, digest, app)).toBe(true);
      expect((await read(other, digest)).equals(bytes)).toBe(true);
      const absent = content('not to be mounted', 5000);
      expect(await registry.mountBlob(other, digestOf(absent), app)).toBe(false);
      expect(await registry.statBlob(other, digestOf(absent))).toBeUndefined();
      await write(other, absent);
      expect((await read(other, digestOf(absent))).equals(absent)).toBe(true);
    });

    test('every tag is listed once, over many pages', async () => {
      const many = parseRepositoryName('team/many');
      const image = await imageOf(many, 'many');
      const tags = Array.from({ length: 1003 }, (_, number) => `t${String(number).padStart(4, '0')}`);
      for (let first = 0; first < tags.length; first += 20)
        await Promise.all(tags.slice(first, first + 20).map((tag) => registry.putManifest(at(many, tag), image)));
      expect((await tagsOf(many)).sort()).toEqual(tags);
    });

    if (knowsReferrers) {
      test('what is about a manifest is listed, and by its type', async () => {
        const image = await imageOf(app, 'subject');
        const annotations = { 'org.example.note': 'about it' };
        const about = { subject: descriptorOf(image), artifactType: 'application/vnd.example.sbom', annotations };
        const sbom = await imageOf(app, 'sbom', about);
        const signature = await imageOf(app, 'signature', {
          ...about,
          artifactType: 'application/vnd.example.signature',
        });
        for (const one of [sbom, signature]) await registry.putManifest(at(app, one.digest), one);
        const found = await registry.listReferrers(app, image.digest);
        expect(found.map(({ digest }) => digest).sort()).toEqual([sbom.digest, signature.digest].sort());
        expect(await registry.listReferrers(app, image.digest, 'application/vnd.example.sbom')).toEqual([
          expect.objectContaining({ ...descriptorOf(sbom), artifactType: about.artifactType, annotations }),
        ]);
        expect(await registry.listReferrers(app, image.digest, 'application/vnd.example.none')).toEqual([]);
      });
    }

    test(`a tag is deleted alone${deletesTags ? '' : ', which it cannot do'}`, async () => {
      const image = await imageOf(app, 'tagged');
      for (const tag of ['keep', 'drop']) await registry.putManifest(at(app, tag), image);
      const outcome = await outcomeOf(registry.deleteManifest(at(app, 'drop')));
      expect(outcome).toBe(deletesTags ? 'done' : 'UNSUPPORTED');
      if (deletesTags) expect(await registry.statManifest(at(app, 'drop'))).toBeUndefined();
      expect(await registry.statManifest(at(app, 'keep'))).toEqual(descriptorOf(image));
    });

    test('a manifest is deleted with its tags', async () => {
      const image = await imageOf(app, 'deleted');
      await registry.putManifest(at(app, 'gone'), image);
      await registry.deleteManifest(at(app, image.digest));
      for (const reference of ['gone', image.digest])
        expect(await registry.statManifest(at(app, reference))).toBeUndefined();
      expect(await outcomeOf(registry.deleteManifest(at(app, image.digest)))).toBe('MANIFEST_UNKNOWN');
    });

    test('whoever does not wait any more gets their reason, and nothing goes on', async () => {
      const reason = new Error('enough');
      const bytes = content('left', 200_000);
      const gone = { signal: AbortSignal.abort(reason) };
      const { digest } = await write(app, bytes);
      const questions = [
        registry.statManifest(at(app, 'v1'), gone),
        registry.getManifest(at(app, 'v1'), gone),
        registry.statBlob(app, digest, gone),
        registry.readBlob(app, digest, undefined, gone),
        registry.writeBlob(app, statOf(bytes), source(bytes), gone),
        registry.listReferrers(app, digest, undefined, gone),
      ];
      for (const question of questions) await expect(question).rejects.toBe(reason);

      const leaving = new AbortController();
      const endless = content('endless', 100_000);
      const written = new Readable({ read: () => undefined });
      written.push(endless.subarray(0, 70_000));
      const half = async () => {
        setImmediate(() => leaving.abort(reason));
        return written;
      };
      const writing = registry.writeBlob(app, statOf(endless), half, { signal: leaving.signal });
      await expect(writing).rejects.toBe(reason);
      expect(written.destroyed).toBe(true);
      expect(await registry.statBlob(app, digestOf(endless))).toBeUndefined();
    });

    test('a blob that nobody reads to its end holds nothing up', async () => {
      const bytes = content('unread', 700_000);
      const { digest } = await write(app, bytes);
      for (let time = 0; time < 20; time++) (await registry.readBlob(app, digest)).destroy();
      expect((await read(app, digest)).equals(bytes)).toBe(true);
    });
  });
}
