import { outcomeOf } from '../../test/support/outcome.js';
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
import { systemOrigin, withOrigin } from '../access/origin.js';
import { anonymous } from '../access/principal.js';
import { isFailure } from '../errors/failure.js';
import type { Descriptor } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { parseManifest } from '../oci/manifest.js';
import { MediaTypes } from '../oci/media-type.js';
import { parseReference, parseTag } from '../oci/reference.js';

let registry: TemporaryImages;

beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

const find = (reference: string, name = app) => registry.images.findManifest(name, parseReference(reference));
/** The digest that is named as missing. */
const missed = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error: unknown) => (isFailure(error, 'MANIFEST_BLOB_UNKNOWN') ? error.detail : error),
  );
const count = async (table: string) =>
  (await registry.database.read.query<{ n: number }[]>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n;

describe('putManifest', () => {
  it('keeps the bytes exactly, under digest and tags, and creates the repository', async () => {
    const { digest } = await registry.pushImage(app, '1.0', 'a');
    for (const reference of ['1.0', digest]) {
      const stored = await find(reference);
      expect(stored?.digest).toBe(digest);
      expect(stored?.mediaType).toBe(MediaTypes.ociManifest);
      expect(stored && digestOf(stored.bytes)).toBe(digest);
    }
    expect(await registry.repositories.find(app)).toMatchObject({ visibility: 'private', pushedAt: expect.any(Date) });
  });

  it('answers at once when it was asked before', async () => {
    const { digest } = await registry.pushImage(app, '1.0', 'a');
    expect(find('1.0')).toBeInstanceOf(Promise);
    await find('1.0');
    expect(find('1.0')).toMatchObject({ digest });
  });

  it('moves a tag, for those who remember the old image too', async () => {
    const first = await registry.pushImage(app, 'latest', 'a');
    await find('latest');
    const second = await registry.pushImage(app, 'latest', 'b');
    expect((await find('latest'))?.digest).toBe(second.digest);
    expect((await find(first.digest))?.digest).toBe(first.digest);
  });

  it('sets further tags with the same push', async () => {
    const { digest } = await registry.pushImage(app, '1.0', 'a');
    const bytes = (await find(digest))?.bytes ?? Buffer.alloc(0);
    await registry.push(app, digest, JSON.parse(bytes.toString()), ['1', 'latest']);
    expect(await registry.images.listTags(app, { limit: 10 })).toEqual(['1', '1.0', 'latest']);
  });

  it('stores under the digest it is pushed as, and refuses a wrong one', async () => {
    const config = await registry.addBlob(app, '{}', MediaTypes.ociEmpty);
    const bytes = Buffer.from(JSON.stringify(imageManifest(config, [])));
    const manifest = parseManifest(bytes, undefined);
    const put = (digest: string) =>
      registry.images.putManifest({
        repository: app,
        reference: parseReference(digest),
        bytes,
        manifest,
        by: anonymous,
      });
    const sha512 = digestOf(bytes, 'sha512');
    expect(await put(sha512)).toEqual({ digest: sha512, subject: undefined });
    expect((await find(sha512))?.bytes).toEqual(bytes);
    expect(await missed(put(missing))).toMatchObject({ code: 'DIGEST_INVALID' });
  });

  it('is renewed, not doubled, by pushing the same again', async () => {
    await registry.pushImage(app, '1.0', 'a');
    await registry.pushImage(app, '1.0', 'a');
    expect(await count('manifests')).toBe(1);
    expect(await count('manifest_references')).toBe(2);
  });

  it('survives twenty pushes of the same tag at once', async () => {
    const pushes = Array.from({ length: 20 }, (_, i) => registry.pushImage(app, 'latest', `seed ${i}`));
    const digests = (await Promise.all(pushes)).map(({ digest }) => digest);
    expect(await count('tags')).toBe(1);
    expect(await count('manifests')).toBe(20);
    expect(digests).toContain((await find('latest'))?.digest);
  });

  describe('refuses, leaving nothing behind,', () => {
    let config: Descriptor;
    let layer: Descriptor;
    beforeEach(async () => {
      config = await registry.addBlob(app, JSON.stringify(imageConfig('x')), MediaTypes.ociConfig);
      layer = await registry.addBlob(app, 'layer');
    });
    afterEach(async () => {
      expect(await count('manifests')).toBe(0);
      expect(await count('tags')).toBe(0);
    });

    it('a config or layer that is not in the repository', async () => {
      const absent = { ...layer, digest: missing };
      expect(await missed(registry.push(app, 't', imageManifest(config, [layer, absent])))).toEqual({
        digest: missing,
      });
      expect(await missed(registry.push(app, 't', imageManifest({ ...config, digest: missing }, [])))).toEqual({
        digest: missing,
      });
    });

    it('a layer that is only in another repository, and does not create one for it', async () => {
      const pushed = registry.push(other, 't', imageManifest(config, [layer]));
      expect(await missed(pushed)).toEqual({ digest: config.digest });
      expect(await registry.repositories.find(other)).toBeUndefined();
    });

    it('a size that is not the stored one', async () => {
      const pushed = registry.push(app, 't', imageManifest(config, [{ ...layer, size: layer.size + 1 }]));
      expect(await outcomeOf(pushed)).toBe('MANIFEST_INVALID');
    });

    it('the empty config without its blob', async () => {
      const empty = { mediaType: MediaTypes.ociEmpty, digest: digestOf(Buffer.from('{}')), size: 2 };
      expect(await missed(registry.push(app, 't', imageManifest(empty, [layer])))).toEqual({ digest: empty.digest });
    });

    it('a config whose bytes were lost, until they are pushed again', async () => {
      const document = imageManifest(config, [layer]);
      await registry.store.delete(config.digest);
      expect(await missed(registry.push(app, 't', document))).toEqual({ digest: config.digest });
      await registry.addBlob(app, JSON.stringify(imageConfig('x')), MediaTypes.ociConfig);
      await registry.images.deleteManifest(app, await registry.push(app, 't', document));
    });

    it('an index with a missing child', async () => {
      const child = { mediaType: MediaTypes.ociManifest, digest: missing, size: 7 };
      expect(await missed(registry.push(app, 't', imageIndex([child])))).toEqual({ digest: missing });
    });
  });

  it('refuses an index that states another size of a child', async () => {
    const image = await registry.pushImage(app, 'image', 'a');
    const index = imageIndex([{ ...image, size: image.size + 1 }]);
    expect(await outcomeOf(registry.push(app, 'index', index))).toBe('MANIFEST_INVALID');
    expect(await find('index')).toBeUndefined();
  });

  it('does not ask for foreign layers and subjects', async () => {
    const config = await registry.addBlob(app, '{}', MediaTypes.ociEmpty);
    const foreign = { mediaType: MediaTypes.dockerForeignLayer, digest: missing, size: 9, urls: ['http://192.0.2.1/'] };
    const subject = { mediaType: MediaTypes.ociManifest, digest: missing, size: 9 };
    await registry.push(app, 't', imageManifest(config, [foreign], { subject }));
    expect(await find('t')).toMatchObject({ subject: missing, artifactType: MediaTypes.ociEmpty });
  });

  it('takes an index of images, of indexes, of nothing, and a build cache whose children are blobs', async () => {
    const image = await registry.pushImage(app, 'image', 'a');
    const document = imageIndex([image]);
    const index = await registry.push(app, 'index', document);
    const size = Buffer.byteLength(JSON.stringify(document));
    await registry.push(app, 'nested', imageIndex([{ mediaType: MediaTypes.ociIndex, digest: index, size }]));
    await registry.push(app, 'empty', imageIndex([]));
    await registry.push(app, 'cache', imageIndex([await registry.addBlob(app, 'cached layer')]));
    expect(await registry.images.listTags(app, { limit: 10 })).toEqual(['cache', 'empty', 'image', 'index', 'nested']);
  });

  it('takes missing children and layers when the operator allows it, but no missing config', async () => {
    const sparse = await temporaryImages({ sparseIndexes: true });
    const absent = { mediaType: MediaTypes.ociManifest, digest: missing, size: 7 };
    const config = await sparse.addBlob(app, '{}', MediaTypes.ociEmpty);
    await sparse.push(app, 'index', imageIndex([absent]));
    await sparse.push(app, 'image', imageManifest(config, [absent]));
    expect(await sparse.images.listTags(app, { limit: 10 })).toEqual(['image', 'index']);
    expect(await missed(sparse.push(app, 't', imageManifest(absent, [])))).toEqual({ digest: missing });
    await sparse.remove();
  });

  it('takes a manifest with more layers than one statement has parameters', async () => {
    const config = await registry.addBlob(app, '{}', MediaTypes.ociEmpty);
    const foreign = Array.from({ length: 2000 }, (_, i) => ({
      mediaType: MediaTypes.ociForeignLayer,
      digest: digestOf(Buffer.from(`${i}`)),
      size: i,
    }));
    await registry.push(app, 't', imageManifest(config, foreign));
    expect(await count('manifest_references')).toBe(2001);
  });
});

describe('deleteManifest', () => {
  it('takes its tags with it at the same moment and nothing else', async () => {
    const gone = await registry.pushImage(app, 'a', 'a');
    const stays = await registry.pushImage(app, 'b', 'b');
    await registry.push(app, 'a2', JSON.parse((await find('a'))?.bytes.toString() ?? ''));
    for (const reference of ['a', 'a2', 'b', gone.digest]) await find(reference);
    await registry.images.deleteManifest(app, gone.digest);
    for (const reference of ['a', 'a2', gone.digest]) expect(await find(reference)).toBeUndefined();
    expect((await find('b'))?.digest).toBe(stays.digest);
    expect(await outcomeOf(registry.images.deleteManifest(app, gone.digest))).toBe('MANIFEST_UNKNOWN');
  });

  it('takes thousands of tags with it, of which others see all or none', async () => {
    const gone = await registry.pushImage(app, 'gone', 'a');
    await registry.pushImage(app, 'stays', 'b');
    await registry.database.write((tx) =>
      tx.query(`INSERT INTO tags (repository_id, name, manifest_id, pushed_at)
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1998)
        SELECT repository_id, 'n' || i, manifest_id, 0 FROM n, tags WHERE name = 'gone'`),
    );
    const seen = new Set<number>();
    let deleting = true;
    const looking = (async () => {
      while (deleting) {
        seen.add((await registry.images.listTags(app, { limit: 3000 })).length);
        await new Promise(setImmediate);
      }
    })();
    await withOrigin({ ...systemOrigin, actor: 'user:ada' }, () => registry.images.deleteManifest(app, gone.digest));
    deleting = false;
    await looking;
    seen.add((await registry.images.listTags(app, { limit: 3000 })).length);
    expect([...seen]).toEqual([2001, 1]);
    for (const name of ['gone', 'n0', 'n777', 'n1998']) {
      const { items } = await registry.images.tagHistory(app, parseTag(name), { limit: 1 });
      expect([name, items[0]]).toEqual([name, expect.objectContaining({ digest: null, actor: 'user:ada' })]);
    }
    expect(await registry.images.listTags(app, { limit: 10 })).toEqual(['stays']);
  });

  it('leaves the same manifest in another repository alone', async () => {
    const { digest } = await registry.pushImage(app, 'a', 'a');
    await registry.pushImage(other, 'a', 'a');
    await registry.images.deleteManifest(app, digest);
    expect((await find('a', other))?.digest).toBe(digest);
  });
});

describe('deleteTag', () => {
  it('leaves the manifest and its other tags', async () => {
    const { digest } = await registry.pushImage(app, 'a', 'a');
    await registry.push(app, 'b', JSON.parse((await find('a'))?.bytes.toString() ?? ''));
    await registry.images.deleteTag(app, parseTag('a'));
    expect(await find('a')).toBeUndefined();
    expect((await find('b'))?.digest).toBe(digest);
    expect((await find(digest))?.digest).toBe(digest);
    expect(await outcomeOf(registry.images.deleteTag(app, parseTag('a')))).toBe('MANIFEST_UNKNOWN');
  });
});

describe('a removed repository', () => {
  it('takes everything in it along, and one of the same name starts empty', async () => {
    const image = await registry.pushImage(app, 'a', 'a');
    await registry.push(app, 'index', imageIndex([image]));
    await find('a');
    await registry.repositories.remove(app);
    expect(await find('a')).toBeUndefined();
    for (const table of ['manifests', 'tags', 'blob_links', 'manifest_references']) expect(await count(table)).toBe(0);
    await registry.pushImage(app, 'b', 'b');
    expect(await registry.images.listTags(app, { limit: 10 })).toEqual(['b']);
  });
});
