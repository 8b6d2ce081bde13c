import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { addUser } from '../support/people.js';

let berth: Berth;
beforeEach(async () => {
  berth = await startBerth();
  await addUser(berth, 'ann');
});
afterEach(() => berth.stop());

/** Writes into the database while the program is down: pushing as much would take minutes. */
async function pushed(write: (database: Sqlite.Database, repository: number | bigint, ann: number) => void) {
  await berth.kill();
  const database = new Sqlite(join(berth.dataDir, 'berth.db'));
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
  await berth.restart();
}

const manifest = `INSERT INTO manifests (repository_id, digest, media_type, size, total_size, created_at, pushed_by, bytes)
  VALUES (?, ?, 'application/vnd.oci.image.manifest.v1+json', 1, 1, 1, ?, ?)`;
const digest = () => `sha256:${randomBytes(32).toString('hex')}`;

/** Milliseconds for which nobody else was answered at most, and those that it took. */
async function removed(path: string): Promise<{ readonly silence: number; readonly whole: number }> {
  await berth.api('GET', '/api/v1/users/ann');
  const began = performance.now();
  let silence = 0;
  let done = false;
  const removal = berth.api('DELETE', path).finally(() => {
    done = true;
  });
  while (!done) {
    const asked = performance.now();
    expect((await fetch(`${berth.url}/healthz`)).status).toBe(200);
    silence = Math.max(silence, performance.now() - asked);
  }
  expect((await removal).status).toBe(204);
  return { silence, whole: performance.now() - began };
}

const count = async (table: string) => {
  const database = new Sqlite(join(berth.dataDir, 'berth.db'), { readonly: true });
  const found = database.prepare<[], number>(`SELECT COUNT(*) FROM ${table}`).pluck().get();
  database.close();
  return found;
};

test('a repository of 10,000 images goes, and others are answered meanwhile', async () => {
  await pushed((database, repository, ann) => {
    const image = database.prepare(manifest);
    const needs = database.prepare(
      `INSERT INTO manifest_references (manifest_id, digest, kind) VALUES (?, ?, 'layer')`,
    );
    const tag = database.prepare('INSERT INTO tags (repository_id, name, manifest_id, pushed_at) VALUES (?, ?, ?, 1)');
    for (let i = 0; i < 10_000; i++) {
      const { lastInsertRowid: id } = image.run(repository, digest(), ann, Buffer.from('{}'));
      for (let layer = 0; layer < 20; layer++) needs.run(id, digest());
      tag.run(repository, `t${i}`, id);
    }
  });
  const { silence, whole } = await removed('/api/v1/repositories/team%2Fbig');
  expect(silence).toBeLessThan(whole / 2);
  for (const table of ['manifests', 'manifest_references', 'tags']) expect(await count(table)).toBe(0);
});

test('an account that pushed large manifests goes, and others are answered meanwhile', async () => {
  await pushed((database, repository, ann) => {
    const image = database.prepare(manifest);
    for (let i = 0; i < 60; i++) image.run(repository, digest(), ann, Buffer.alloc(4_000_000, 32));
  });
  const { silence, whole } = await removed('/api/v1/users/ann');
  expect(silence).toBeLessThan(whole / 2);
  expect(await count('manifests WHERE pushed_by IS NULL')).toBe(60);
  expect(await count('repositories WHERE owner_id IS NULL')).toBe(1);
});
