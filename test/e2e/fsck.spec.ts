import { copyFile, mkdir, mkdtemp, open, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { fsckOf } from '../support/fsck.js';
import {
  type Built,
  type BuiltImage,
  type BuiltIndex,
  buildImage,
  buildIndex,
  descriptor,
  json,
  sha256,
  types,
} from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';

let dataDir: string;
let server: Berth;
let client: RegistryClient;
let image: BuiltImage;
let index: BuiltIndex;
const clean = { code: 0, findings: [] };

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-fsck-'));
  server = await startBerth({ dataDir });
  client = await RegistryClient.open(server.url, server.admin);
  image = buildImage({ seed: 'fsck', layers: [100_000, 5_000] });
  index = buildIndex({ seed: 'fsck index', layers: [70_000] });
  await client.push('team/app', '1.0', image);
  await client.push('team/multi', 'latest', index);
});
afterEach(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true });
});

/** Changes rows behind the back of a stopped server. */
async function tamper(work: (database: Sqlite.Database) => void): Promise<void> {
  await server.stop();
  const database = new Sqlite(join(dataDir, 'berth.db'));
  database.pragma('foreign_keys = OFF');
  work(database);
  database.close();
}

const layerOf = ({ layers: [layer] }: BuiltImage) => layer ?? fail();
const fail = (): never => {
  throw new Error('an image has a layer');
};

async function flip(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 2_000);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await handle.write(byte, 0, 1, 2_000);
  await handle.close();
}

test('what was pushed is sound, with the server running and stopped', async () => {
  expect(await fsckOf(dataDir)).toEqual(clean);
  const told = await berth(['fsck', '--data-dir', dataDir]);
  expect(told).toMatchObject({ code: 0, stdout: '', stderr: 'berth: sound\n' });
  expect(await fsckOf(dataDir, '--quick')).toEqual(clean);
  await server.stop();
  expect(await fsckOf(dataDir)).toEqual(clean);
  await server.restart();
  await server.kill();
  expect(await fsckOf(dataDir)).toEqual(clean);
});

test('damaged blobs are named with every image that needs them, and why', async () => {
  const [first = fail(), second = fail()] = index.images;
  const [large = fail(), small = fail()] = image.layers;
  await flip(blobFile(dataDir, large.digest));
  await truncate(blobFile(dataDir, small.digest), 0);
  await truncate(blobFile(dataDir, layerOf(first).digest), 100);
  await rm(blobFile(dataDir, layerOf(second).digest));

  const { code, findings } = await fsckOf(dataDir);
  expect(code).toBe(1);
  const found = new Map(findings.map(({ name, ...finding }) => [name, finding]));
  const damage = { severity: 'damage', kind: 'blob' };
  const multi = (one: BuiltImage) => ['team/multi:latest', `team/multi@${one.manifest.digest}`];
  expect(Object.fromEntries(found)).toEqual({
    [large.digest]: { ...damage, reason: 'its bytes do not have its digest', images: ['team/app:1.0'] },
    [small.digest]: { ...damage, reason: expect.stringContaining('has 0 bytes'), images: ['team/app:1.0'] },
    [layerOf(first).digest]: { ...damage, reason: expect.stringContaining('has 100 bytes'), images: multi(first) },
    [layerOf(second).digest]: { ...damage, reason: 'its file is missing', images: multi(second) },
  });
  const quick = (await fsckOf(dataDir, '--quick')).findings.map(({ name }) => name);
  expect(quick.sort()).toEqual([...found.keys()].filter((name) => name !== large.digest).sort());

  const table = await berth(['fsck', '--data-dir', dataDir]);
  expect(table.code).toBe(1);
  expect(table.stdout).toMatch(/^damage +blob +sha256:[0-9a-f]{64} +its file is missing +team\/multi:latest, /m);
  expect(table.stderr).toBe('berth: 4 damaged\n');
});

test('rows that disagree are named', async () => {
  const { digest } = layerOf(image);
  const child = index.images[0]?.manifest.digest;
  await tamper((database) => {
    const run = (sql: string, ...values: unknown[]) => expect(database.prepare(sql).run(...values).changes).toBe(1);
    run('DELETE FROM blob_links WHERE digest = ?', digest);
    run('DELETE FROM manifest_references WHERE digest = ?', image.config.digest);
    run('DELETE FROM manifests WHERE digest = ?', child);
  });
  const { code, findings } = await fsckOf(dataDir, '--quick');
  expect(code).toBe(1);
  const reasons = findings.map(({ kind, name, reason, images }) => [kind, name, reason, images]);
  expect(reasons).toContainEqual([
    'manifest',
    image.manifest.digest,
    `it needs the blob ${digest}, which is not in its repository`,
    ['team/app:1.0'],
  ]);
  expect(reasons).toContainEqual([
    'manifest',
    image.manifest.digest,
    `the index does not say that it needs ${image.config.digest}`,
    ['team/app:1.0'],
  ]);
  expect(reasons).toContainEqual([
    'manifest',
    index.manifest.digest,
    `it names ${child}, which is not in its repository`,
    ['team/multi:latest'],
  ]);
  expect(findings.filter(({ kind }) => kind === 'database')).not.toEqual([]); // rows of the child stayed behind
});

test('what may be missing is told as incomplete, whatever the settings of whoever asks', async () => {
  const sparse = await startBerth({ env: { BERTH_SPARSE_INDEXES: 'true' } });
  try {
    const pusher = await RegistryClient.open(sparse.url, sparse.admin);
    const [absent = fail(), present = fail()] = image.layers;
    for (const blob of [image.config, present]) await pusher.pushBlob('team/app', blob);
    const [first = fail(), second = fail()] = index.images;
    await pusher.push('team/app', 'arm64', first);
    for (const [tag, { manifest }] of Object.entries({ image, index })) {
      expect((await pusher.putManifest('team/app', tag, manifest)).status).toBe(201);
    }
    const without = ({ manifest }: Built, tag: string, { digest }: { digest: string }) => ({
      ...{ severity: 'incomplete', kind: 'manifest', name: manifest.digest, images: [`team/app:${tag}`] },
      reason: `it names ${digest}, which is not in its repository`,
    });
    const incomplete = [without(image, 'image', absent), without(index, 'index', second.manifest)];
    expect(await fsckOf(sparse.dataDir)).toEqual({ code: 0, findings: expect.arrayContaining(incomplete) });

    const database = new Sqlite(join(sparse.dataDir, 'berth.db'));
    database.prepare('DELETE FROM blob_links WHERE digest = ?').run(present.digest);
    database.close();
    const { code, findings } = await fsckOf(sparse.dataDir);
    expect(code).toBe(1);
    expect(findings).toContainEqual({
      ...{ severity: 'damage', kind: 'manifest', name: image.manifest.digest, images: ['team/app:image'] },
      reason: `it needs the blob ${present.digest}, which is not in its repository`,
    });
  } finally {
    await sparse.stop();
  }
});

test('an index of which somebody deleted an image is incomplete, and no damage', async () => {
  const [first = fail(), second = fail()] = index.images;
  for (const { manifest } of [first, second]) {
    const path = `manifests/${manifest.digest}`;
    await client.request('team/multi', path, { method: 'DELETE', actions: 'delete' });
  }
  const { code, findings } = await fsckOf(dataDir, '--quick');
  expect([code, findings.filter(({ kind }) => kind === 'manifest')]).toEqual([
    0,
    [
      {
        ...{ severity: 'incomplete', kind: 'manifest', name: index.manifest.digest, images: ['team/multi:latest'] },
        reason: expect.stringMatching(/^it names sha256:[0-9a-f]{64} and 1 more, which are not in its repository$/),
      },
    ],
  ]);
});

test('an index of blobs, as build caches are, loses none of them', async () => {
  const layer = layerOf(image);
  const cache = json(types.index, { schemaVersion: 2, mediaType: types.index, manifests: [descriptor(layer)] });
  expect((await client.putManifest('team/app', 'cache', cache)).status).toBe(201);
  expect(await fsckOf(dataDir)).toEqual(clean);
  await tamper((database) => database.prepare('DELETE FROM blob_links WHERE digest = ?').run(layer.digest));
  expect((await fsckOf(dataDir, '--quick')).findings).toContainEqual({
    ...{ severity: 'damage', kind: 'manifest', name: cache.digest, images: ['team/app:cache'] },
    reason: `it needs the blob ${layer.digest}, which is not in its repository`,
  });
});

test('a manifest whose bytes changed and a tag that points elsewhere are named', async () => {
  await tamper((database) => {
    const bytes = Buffer.from(image.manifest.bytes);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    database.prepare('UPDATE manifests SET bytes = ? WHERE digest = ?').run(bytes, image.manifest.digest);
    database
      .prepare(`UPDATE tags SET manifest_id = (SELECT id FROM manifests WHERE digest = ?) WHERE name = 'latest'`)
      .run(image.manifest.digest);
  });
  const { code, findings } = await fsckOf(dataDir);
  expect(code).toBe(1);
  expect(findings.map(({ kind, name, reason }) => [kind, name, reason])).toEqual([
    ['manifest', image.manifest.digest, 'its bytes do not have its digest'],
    ['tag', 'team/multi:latest', 'it points to no manifest of its repository'],
  ]);
});

test('a damaged database is named', async () => {
  await server.stop();
  const file = await open(join(dataDir, 'berth.db'), 'r+');
  await file.write(Buffer.alloc(4096, 7), 0, 4096, 8192);
  await file.close();
  const { code, findings } = await fsckOf(dataDir);
  expect(code).toBe(1);
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'database', severity: 'damage' }));
});

test('what nobody needs is named and harms nobody', async () => {
  const orphan = blobFile(dataDir, sha256(Buffer.from('orphan')));
  await mkdir(dirname(orphan), { recursive: true });
  await writeFile(orphan, 'orphan');
  const upload = join(dataDir, 'uploads', '7a4d2a54-7c11-4c1e-9d0c-5a1d2f7e9b10');
  await writeFile(upload, 'left');
  const { digest } = layerOf(image);
  await client.request('team/app', `manifests/${image.manifest.digest}`, { method: 'DELETE', actions: 'delete' });
  await client.request('team/app', `blobs/${digest}`, { method: 'DELETE', actions: 'delete' });
  expect(await fsckOf(dataDir)).toMatchObject({ code: 0, findings: [{ name: '1 blobs' }] });

  const longAgo = new Date(Date.now() - 3 * 24 * 3_600_000);
  await server.stop();
  for (const file of [orphan, upload]) await utimes(file, longAgo, longAgo);
  const { code, findings } = await fsckOf(dataDir);
  expect(code).toBe(0);
  expect(findings.map(({ severity, kind }) => `${severity} ${kind}`)).toEqual([
    'waste blob',
    'waste blob',
    'waste upload',
  ]);
});

test('a manifest that lies among the blobs, as Distribution keeps it, is no orphan', async () => {
  const file = blobFile(dataDir, image.manifest.digest);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, image.manifest.bytes);
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(file, longAgo, longAgo);
  expect(await fsckOf(dataDir)).toEqual(clean);
});

test('a push storm is no false alarm', async () => {
  let storm = true;
  const pusher = async (name: string) => {
    for (let round = 0; storm; round++) {
      const pushed = buildImage({ seed: `${name}/${round}`, layers: [30_000, 2_000] });
      await client.push(`storm/${name}`, 'latest', pushed);
      await client.push(`storm/${name}`, 'multi', buildIndex({ seed: `${name}/${round}`, layers: [1_000] }));
      if (round % 3 === 0) {
        const path = `manifests/${pushed.manifest.digest}`;
        await client.request(`storm/${name}`, path, { method: 'DELETE', actions: 'delete' });
      }
    }
  };
  const pushers = Promise.all(['a', 'b', 'c', 'd'].map(pusher));
  for (let time = 0; time < 5; time++) {
    const { findings } = await fsckOf(dataDir);
    expect(findings.filter(({ severity }) => severity === 'damage')).toEqual([]);
  }
  storm = false;
  await pushers;
});

test('a wrong call is refused', async () => {
  expect(await berth(['fsck', '--url', server.url])).toMatchObject({ code: 2 });
  expect(await berth(['fsck', '--data-dir', join(dataDir, 'nothing')])).toMatchObject({ code: 5 });
  expect(await berth(['fsck', '--nonsense'])).toMatchObject({ code: 2 });
});

test('a copy of the data directory can be checked as well', async () => {
  await server.stop();
  const copy = join(dataDir, 'copy');
  await mkdir(copy);
  await copyFile(join(dataDir, 'berth.db'), join(copy, 'berth.db'));
  await rename(join(dataDir, 'docker'), join(copy, 'docker'));
  expect(await fsckOf(copy)).toEqual(clean);
  expect((await fsckOf(dataDir)).code).toBe(1);
});
