import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { buildImage } from '../support/images.js';
import { addSignedIn } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

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
