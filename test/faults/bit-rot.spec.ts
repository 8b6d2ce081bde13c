import { chmod, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { fsckOf } from '../support/fsck.js';
import { jsonOf } from '../support/http.js';
import { type BuiltImage, buildImage, type Content } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';
import { flip } from './matrix/bit-rot.js';
import { blobOf } from './matrix/pushing.js';

const repository = 'rot/app';

/** Ways in which a disk loses bytes. */
const damages: readonly [name: string, damage: (file: string, size: number) => Promise<void>][] = [
  ['flipped', (file) => flip(file)],
  ['emptied', (file) => truncate(file, 0)],
  ['halved', (file, size) => truncate(file, size >> 1)],
  ['lost', (file) => rm(file)],
];

describe('F11 bit rot', () => {
  let berth: Berth;
  let client: RegistryClient;
  afterEach(() => berth.stop());

  beforeEach(async () => {
    berth = await startBerth();
    client = await RegistryClient.open(berth.url, berth.admin);
  });

  /** A push as clients do it, which leaves out what is there. */
  const expectRepaired = async (blob: Content) => {
    await client.pushBlob(repository, blob);
    const answer = await client.getBlob(repository, blob.digest);
    expect([answer.status, answer.body.equals(blob.bytes)]).toEqual([200, true]);
  };

  const expectRefused = async (blob: Content) => {
    const answer = await client.getBlob(repository, blob.digest);
    expect([answer.status, JSON.parse(answer.body.toString()).errors[0].message]).toEqual([
      500,
      'what is stored is damaged: pushing it again repairs it',
    ]);
    expect(await client.hasBlob(repository, blob.digest)).toBe(false);
  };

  it.each(damages.slice(1))('never serves a blob whose file was %s', async (name, damage) => {
    for (const size of [2_000, 300_000]) {
      const blob = blobOf(`${name} ${size}`, size);
      await client.pushBlob(repository, blob);
      await damage(blobFile(berth.dataDir, blob.digest), size);
      await expectRefused(blob);
      await expectRepaired(blob);
    }
    expect((await fsckOf(berth.dataDir)).findings).toEqual([]);
  });

  it('never serves a small blob with a flipped byte, scrubbed or not', async () => {
    const blob = blobOf('flipped', 2_000);
    await client.pushBlob(repository, blob);
    await flip(blobFile(berth.dataDir, blob.digest));
    await expectRefused(blob);
    await expectRepaired(blob);
  });

  it('serves no blob that was set aside, when the group was given rights as Kubernetes does', async () => {
    for (const size of [2_000, 300_000]) {
      const blob = blobOf(`set aside ${size}`, size);
      await client.pushBlob(repository, blob);
      await chmod(blobFile(berth.dataDir, blob.digest), 0o060);
      await expectRefused(blob);
      await expectRepaired(blob);
    }
  });

  it('takes no manifest whose config was lost, and says what to push again', async () => {
    const image = buildImage({ seed: 'configs rot', layers: [1_000] });
    await client.push(repository, 'v1', image);
    await rm(blobFile(berth.dataDir, image.config.digest));
    await berth.restart();
    const shown = await berth.api('GET', `/api/v1/repositories/rot%2Fapp/manifests/${image.manifest.digest}`);
    expect([shown.status, shown.body.config]).toEqual([200, undefined]);
    const refused = await client.putManifest(repository, 'v2', image.manifest);
    expect([refused.status, jsonOf(refused).errors[0]]).toEqual([
      400,
      expect.objectContaining({ code: 'MANIFEST_BLOB_UNKNOWN', detail: { digest: image.config.digest } }),
    ]);
    await client.push(repository, 'v2', image);
    expect(await client.pull(repository, 'v2')).toBe(image.manifest.digest);
  });

  it('never serves a manifest whose row is damaged, and takes it again', async () => {
    const image: BuiltImage = buildImage({ seed: 'rows rot', layers: [1_000] });
    await client.push(repository, 'v1', image);
    await berth.kill();
    const database = new Sqlite(join(berth.dataDir, 'berth.db'));
    const bytes = Buffer.from(image.manifest.bytes);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    database.prepare('UPDATE manifests SET bytes = ?').run(bytes);
    database.close();
    await berth.restart();
    for (const reference of ['v1', image.manifest.digest]) {
      expect((await client.getManifest(repository, reference)).status).toBe(500);
      const asked = await client.request(repository, `manifests/${reference}`, { method: 'HEAD' });
      expect(asked.status).toBe(404);
    }
    expect((await client.putManifest(repository, 'v1', image.manifest)).status).toBe(201);
    expect(await client.pull(repository, 'v1')).toBe(image.manifest.digest);
  });
});
