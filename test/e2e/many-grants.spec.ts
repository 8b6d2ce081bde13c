import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addSignedIn, addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;

beforeEach(async () => {
  berth = await startBerth({ env: { NODE_OPTIONS: '--max-old-space-size=192' } });
});
afterEach(() => berth.stop());

test('whoever was granted 40,000 things is answered like everybody else', async () => {
  const ann = await addSignedIn(berth, 'ann');
  const admin = await RegistryClient.open(berth.url, berth.admin);
  await admin.push('n7/app', 'v1', buildImage({ seed: 'many-grants', layers: [10] }));
  const database = new Sqlite(join(berth.dataDir, 'berth.db'));
  database.exec(`WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 39999)
    INSERT INTO grants (user_id, pattern, prefix, can_pull, can_push, can_delete, can_manage, created_at)
    SELECT (SELECT id FROM users WHERE username = 'ann'), 'n' || n || '/*', 'n' || n || '/', 1, 0, 0, 0, 0 FROM n`);
  database.close();
  for (const path of [
    '/repositories',
    '/repositories?q=app',
    '/repositories?sort=-pushedAt',
    '/stats',
    '/auth/permissions',
  ])
    expect([path, (await berth.api('GET', `/api/v1${path}`, undefined, ann)).status]).toEqual([path, 200]);
  const { body } = await berth.api('GET', '/api/v1/repositories', undefined, ann);
  expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['n7/app']);
  expect((await berth.api('GET', '/api/v1/stats', undefined, ann)).body).toMatchObject({ repositories: 1, tags: 1 });
});

test('a prefix granted in a prefix, a hundred deep, takes little memory for whoever asks for many names below', async () => {
  const bob = await addUser(berth, 'bob');
  const database = new Sqlite(join(berth.dataDir, 'berth.db'));
  database.exec(`WITH RECURSIVE n(n, prefix) AS (SELECT 1, 'a/' UNION ALL SELECT n + 1, prefix || 'a/' FROM n WHERE n < 115)
    INSERT INTO grants (user_id, pattern, prefix, can_pull, can_push, can_delete, can_manage, created_at)
    SELECT (SELECT id FROM users WHERE username = 'bob'), prefix || '*', prefix, 1, 1, 1, 1, 0 FROM n`);
  database.close();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const who = `grant_type=password&service=berth&client_id=test&username=bob&password=${bob.password}`;
  const ask = async (from: number) => {
    const scopes = Array.from({ length: 60 }, (_, at) => `repository:${'a/'.repeat(115)}n${from + at}:pull`);
    const body = `${who}&scope=${scopes.join('+')}`;
    expect((await send(berth.url, '/token', { method: 'POST', headers, body })).status).toBe(200);
  };
  // Remembered name by name they would be 270 MB, and the process would end.
  for (let from = 0; from < 9_000; from += 60) await ask(from);
}, 120_000);
