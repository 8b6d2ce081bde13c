import { outcomeOf } from '../../test/support/outcome.js';
import {
  app,
  imageManifest,
  missing,
  other,
  type TemporaryImages,
  temporaryImages,
} from '../../test/support/temporary-images.js';
import { anonymous } from '../access/principal.js';
import { digestOf } from '../oci/digest.js';

let registry: TemporaryImages;

beforeEach(async () => {
  registry = await temporaryImages();
});
afterEach(() => registry.remove());

describe('linkBlob', () => {
  it('makes a blob pullable in this repository only, and creates the repository', async () => {
    const { digest, size } = await registry.addBlob(app, 'layer');
    expect(await registry.images.findBlob(app, digest)).toEqual({ size });
    expect(registry.images.findBlob(app, digest)).toEqual({ size });
    expect(await registry.images.findBlob(other, digest)).toBeUndefined();
    expect(await registry.repositories.find(app)).toMatchObject({ visibility: 'private', pushedAt: null });
  });

  it('is no different the second time', async () => {
    const blob = await registry.addBlob(app, 'layer');
    await registry.images.linkBlob(app, blob, anonymous);
    expect(await registry.images.findBlob(app, blob.digest)).toEqual({ size: blob.size });
  });

  it('is seen by those who asked before', async () => {
    const digest = digestOf(Buffer.from('layer'));
    expect(await registry.images.findBlob(app, digest)).toBeUndefined();
    await registry.addBlob(app, 'layer');
    expect(await registry.images.findBlob(app, digest)).toEqual({ size: 5 });
  });
});

describe('mountBlob', () => {
  it('makes a blob of one repository pullable in another', async () => {
    const { digest, size } = await registry.addBlob(app, 'layer');
    expect(await registry.images.mountBlob(other, digest, app, anonymous)).toBe(true);
    expect(await registry.images.findBlob(other, digest)).toEqual({ size });
  });

  it('says no when it is not in there, and creates nothing', async () => {
    const { digest } = await registry.addBlob(app, 'layer');
    expect(await registry.images.mountBlob(other, missing, app, anonymous)).toBe(false);
    expect(await registry.images.mountBlob(app, digest, other, anonymous)).toBe(false);
    expect(await registry.repositories.find(other)).toBeUndefined();
  });

  it('says no when the source lost it meanwhile, and creates nothing', async () => {
    const { digest } = await registry.addBlob(app, 'layer');
    await registry.images.findBlob(app, digest);
    const [, mounted] = await Promise.all([
      registry.images.unlinkBlob(app, digest),
      registry.images.mountBlob(other, digest, app, anonymous),
    ]);
    expect(mounted).toBe(false);
    expect(await registry.repositories.find(other)).toBeUndefined();
  });
});

describe('unlinkBlob', () => {
  it('forgets the blob here and leaves it elsewhere', async () => {
    const { digest, size } = await registry.addBlob(app, 'layer');
    await registry.images.mountBlob(other, digest, app, anonymous);
    await registry.images.findBlob(app, digest);
    await registry.images.unlinkBlob(app, digest);
    expect(await registry.images.findBlob(app, digest)).toBeUndefined();
    expect(await registry.images.findBlob(other, digest)).toEqual({ size });
    expect(await outcomeOf(registry.images.unlinkBlob(app, digest))).toBe('BLOB_UNKNOWN');
  });

  it('is refused while a manifest of this repository names it, not one of another', async () => {
    const config = await registry.addBlob(app, '{}');
    const layer = await registry.addBlob(app, 'layer');
    const digest = await registry.push(app, 't', imageManifest(config, [layer]));
    await registry.images.mountBlob(other, layer.digest, app, anonymous);
    for (const used of [config, layer]) {
      expect(await outcomeOf(registry.images.unlinkBlob(app, used.digest))).toBe('BLOB_IN_USE');
    }
    expect(await outcomeOf(registry.images.unlinkBlob(other, layer.digest))).toBe('done');
    await registry.images.deleteManifest(app, digest);
    expect(await outcomeOf(registry.images.unlinkBlob(app, layer.digest))).toBe('done');
  });
});

describe('unlinkBlob of what thousands of manifests elsewhere name', () => {
  it('is refused for one here, wherever that stands among them', async () => {
    const config = await registry.addBlob(app, '{}');
    await registry.images.mountBlob(other, config.digest, app, anonymous);
    const first = await registry.push(app, 'first', imageManifest(config, []));
    const nameInOther = () =>
      registry.database.write(async (tx) => {
        await tx.query(
          `INSERT INTO manifests (repository_id, digest, media_type, size, total_size, created_at, bytes)
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
            SELECT r.id, 'sha256:' || (SELECT COUNT(*) FROM manifests) || '-' || i, '', 0, 0, 0, '' FROM n, repositories r WHERE r.name = ?`,
          [other],
        );
        await tx.query(
          `INSERT OR IGNORE INTO manifest_references (manifest_id, digest, kind) SELECT id, ?, 'config' FROM manifests`,
          [config.digest],
        );
      });
    await nameInOther();
    const middle = await registry.push(app, 'middle', imageManifest(config, [], { annotations: { n: '2' } }));
    await nameInOther();
    const last = await registry.push(app, 'last', imageManifest(config, [], { annotations: { n: '3' } }));
    for (const digest of [first, middle, last]) {
      expect(await outcomeOf(registry.images.unlinkBlob(app, config.digest))).toBe('BLOB_IN_USE');
      await registry.images.deleteManifest(app, digest);
    }
    expect(await outcomeOf(registry.images.unlinkBlob(app, config.digest))).toBe('done');
    expect(await outcomeOf(registry.images.unlinkBlob(other, config.digest))).toBe('BLOB_IN_USE');
  });
});

describe('a removed repository', () => {
  it('takes its links along, for those who remember them too', async () => {
    const { digest } = await registry.addBlob(app, 'layer');
    await registry.images.findBlob(app, digest);
    await registry.repositories.remove(app);
    expect(await registry.images.findBlob(app, digest)).toBeUndefined();
  });
});
