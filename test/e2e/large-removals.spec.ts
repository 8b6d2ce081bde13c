import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { fsckOf } from '../support/fsck.js';
import { jsonOf } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { processorMs } from '../support/processor-time.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;
afterEach(async () => {
  await berth.stop();
  await rm(berth.dataDir, { recursive: true });
});

const env = { BERTH_ADMIN_PASSWORD: randomBytes(12).toString('base64url') };
/** Data directories of stopped servers, each filled once: what every test has is a copy. */
let filled: string;
beforeAll(async () => {
  filled = await mkdtemp(join(tmpdir(), 'berth-large-'));
  await mkdir(join(filled, 'empty'), { mode: 0o700 });
  const server = await startBerth({ dataDir: join(filled, 'empty'), env });
  await addUser(server, 'ann');
  await server.stop();
  for (const [name, write] of Object.entries({ manyImages, largeImages })) {
    execFileSync('cp', ['-a', join(filled, 'empty'), join(filled, name)]);
    fill(join(filled, name), write);
  }
}, 120_000);
afterAll(() => rm(filled, { recursive: true }));

type Filling = (database: Sqlite.Database, repository: number | bigint, ann: number) => void;

/** Writes into the database while no program runs: pushing as much would take minutes. */
function fill(dataDir: string, write: Filling): void {
  const database = new Sqlite(join(dataDir, 'berth.db'));
  const ann = database.prepare<[], number>(`SELECT id FROM users WHERE username = 'ann'`).pluck().get() ?? 0;
  database.transaction(() => {
    const repository = database
      .prepare(
        `INSERT INTO repositories (name, visibility, owner_id, created_at, updated_at) VALUES (?, 'private', ?, 1, 1)`,
      )
      .run('team/big', ann).lastInsertRowid;
    write(database, repository, ann);
  })();
  database.close();
}

/** Starts Berth on a copy of what was pushed. */
async function pushed(what: 'manyImages' | 'largeImages'): Promise<void> {
  const dataDir = await mkdtemp(join(filled, 'copy-'));
  execFileSync('cp', ['-a', `${join(filled, what)}/.`, dataDir]);
  berth = await startBerth({ dataDir, env });
}

const manifest = `INSERT INTO manifests (repository_id, digest, media_type, size, total_size, created_at, pushed_by, bytes)
  VALUES (?, ?, 'application/vnd.oci.image.manifest.v1+json', 1, 1, 1, ?, ?)`;
const digest = () => `sha256:${randomBytes(32).toString('hex')}`;

/** Milliseconds of the processor for which nobody else was answered at most, and those that all of it took. */
async function removed(path: string): Promise<{ readonly silence: number; readonly whole: number }> {
  await berth.api('GET', '/api/v1/users/ann');
  const began = await processorMs(berth.pid);
  let silence = 0;
  let done = false;
  const removal = berth.api('DELETE', path).finally(() => {
    done = true;
  });
  while (!done) {
    const asked = await processorMs(berth.pid);
    expect((await fetch(`${berth.url}/healthz`)).status).toBe(200);
    silence = Math.max(silence, (await processorMs(berth.pid)) - asked);
  }
  expect((await removal).status).toBe(204);
  return { silence, whole: (await processorMs(berth.pid)) - began };
}

const count = async (table: string) => {
  const database = new Sqlite(join(berth.dataDir, 'berth.db'), { readonly: true });
  const found = database.prepare<[], number>(`SELECT COUNT(*) FROM ${table}`).pluck().get();
  database.close();
  return found;
};

/** 10,000 images of 20 layers, each with a tag. */
const manyImages: Filling = (database, repository, ann) => {
  const image = database.prepare(manifest);
  const needs = database.prepare(`INSERT INTO manifest_references (manifest_id, digest, kind) VALUES (?, ?, 'layer')`);
  const tag = database.prepare('INSERT INTO tags (repository_id, name, manifest_id, pushed_at) VALUES (?, ?, ?, 1)');
  for (let i = 0; i < 10_000; i++) {
    const { lastInsertRowid: id } = image.run(repository, digest(), ann, Buffer.from('{}'));
    for (let layer = 0; layer < 20; layer++) needs.run(id, digest());
    tag.run(repository, `t${i}`, id);
  }
};
const largeImages: Filling = (database, repository, ann) => {
  const image = database.prepare(manifest);
  for (let i = 0; i < 60; i++) image.run(repository, digest(), ann, Buffer.alloc(4_000_000, 32));
};

/** Whole images that others pushed, one after the other, while it was removed, and the most bytes that the log of the database had then. */
async function pushedDuring(path: string): Promise<{ readonly pushes: number; readonly log: number }> {
  const client = await RegistryClient.open(berth.url, berth.admin);
  await client.push('other/app', 'first', buildImage({ seed: 'first', layers: [100] }));
  let [pushes, log, done] = [0, 0, false];
  const removal = berth.api('DELETE', path).finally(() => {
    done = true;
  });
  for (;;) {
    await client.push('other/app', `t${pushes}`, buildImage({ seed: `${pushes}`, layers: [100] }));
    log = Math.max(log, statSync(join(berth.dataDir, 'berth.db-wal')).size);
    if (done) break;
    pushes++;
  }
  expect((await removal).status).toBe(204);
  return { pushes, log };
}

test('a repository of 10,000 images goes, and others are answered meanwhile', async () => {
  await pushed('manyImages');
  const { silence, whole } = await removed('/api/v1/repositories/team%2Fbig');
  expect(silence).toBeLessThan(whole / 2);
  for (const table of ['manifests', 'manifest_references', 'tags']) expect(await count(table)).toBe(0);
});

test('an account that pushed large manifests goes, and others are answered meanwhile', async () => {
  await pushed('largeImages');
  const { silence, whole } = await removed('/api/v1/users/ann');
  expect(silence).toBeLessThan(Math.max(whole / 2, 100));
  expect(await count('manifests m LEFT JOIN users u ON u.id = m.pushed_by WHERE u.id IS NULL')).toBe(60);
  expect(await count('repositories WHERE owner_id IS NULL')).toBe(1);
});

test.each([
  ['a repository of 10,000 images', 'manyImages', '/api/v1/repositories/team%2Fbig'],
  ['a repository of large manifests', 'largeImages', '/api/v1/repositories/team%2Fbig'],
  ['an account that pushed large manifests', 'largeImages', '/api/v1/users/ann'],
] as const)(
  '%s goes, and pushes do not wait for its end',
  async (_what, images, path) => {
    await pushed(images);
    const { pushes, log } = await pushedDuring(path);
    // An account is gone before anybody could have pushed anything.
    if (path.includes('repositories')) expect(pushes).toBeGreaterThan(1);
    expect(log).toBeLessThan(200 * 1024 * 1024); // a checkpoint begins at 64 MiB, and writes go on meanwhile
  },
  120_000,
);

test('a repository is gone at once, and what a crash leaves of it goes with the next start', async () => {
  await pushed('manyImages');
  const removal = berth.api('DELETE', '/api/v1/repositories/team%2Fbig').catch(() => undefined);
  while ((await berth.api('GET', '/api/v1/repositories/team%2Fbig')).status !== 404);
  const client = await RegistryClient.open(berth.url, berth.admin);
  await client.push('team/big', 'anew', buildImage({ seed: 'anew', layers: [100] }));
  await berth.kill();
  await removal;
  expect(await count('manifests')).toBeGreaterThan(1);
  expect((await fsckOf(berth.dataDir)).findings).toEqual([]);
  await berth.restart();
  expect(jsonOf(await client.request('team/big', 'tags/list'))).toMatchObject({ tags: ['anew'] });
  while ((await count('manifests')) !== 1);
  while ((await count('removed_repositories')) !== 0);
  for (const table of ['tags', 'tag_moves']) expect(await count(table)).toBe(1);
  expect(await count('manifest_references')).toBe(2);
}, 120_000);
