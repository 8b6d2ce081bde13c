import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { basic, jsonOf, send } from '../support/http.js';
import { randomBytesOf, sha256 } from '../support/images.js';
import { addUser } from '../support/people.js';
import { until } from '../support/ports.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let client: RegistryClient;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push'] });
  client = await RegistryClient.open(berth.url, ann);
});

afterAll(() => berth.stop());

describe('mounting', () => {
  const source = randomBytesOf('mounted', 2000);
  const digest = sha256(source);

  beforeAll(async () => {
    await addUser(berth, 'eve', { 'eve/*': ['push'] });
    const admin = await RegistryClient.open(berth.url, berth.admin);
    await admin.pushBlob('secret/base', { digest, mediaType: '', bytes: source });
    await client.pushBlob('team/base', { digest, mediaType: '', bytes: source });
  });

  const mount = async (query: string, ...scopes: string[]) => {
    const token = await berth.token(ann.username, ann.password, ...scopes);
    const headers = { authorization: `Bearer ${token}` };
    return send(berth.url, `/v2/team/copy/blobs/uploads/?${query}`, { method: 'POST', headers });
  };
  const target = 'repository:team/copy:pull,push';

  test('takes a blob from a repository that may be read', async () => {
    const answer = await mount(`mount=${digest}&from=team/base`, target, 'repository:team/base:pull');
    expect([answer.status, answer.headers.location]).toEqual([201, `/v2/team/copy/blobs/${digest}`]);
    expect(answer.headers['docker-content-digest']).toBe(digest);
    expect((await client.getBlob('team/copy', digest)).body).toEqual(source);
  });

  test('needs the token to say so as well', async () => {
    const query = `mount=${digest}&from=team/base`;
    const narrow = await mount(query, target);
    expect(narrow.status).toBe(401);
    expect(narrow.headers['www-authenticate']).toMatch(
      /scope="repository:team\/copy:pull,push repository:team\/base:pull",error="insufficient_scope"$/,
    );
    expect((await mount(query, target, 'repository:team/base:pull')).status).toBe(201);
  });

  test('needs no word of the token on what everybody may read', async () => {
    const query = `mount=${digest}&from=team/open`;
    await client.pushBlob('team/open', { digest, mediaType: '', bytes: source });
    const visibility = (value: string) => berth.api('PATCH', '/api/v1/repositories/team%2Fopen', { visibility: value });
    await visibility('internal');
    expect((await mount(query, target)).status).toBe(401);
    await visibility('public');
    expect((await mount(query, target)).status).toBe(201);
    expect((await mount(`mount=${digest}&from=open/none`, target)).status).toBe(202);
    await visibility('private');
    expect((await mount(query, target)).status).toBe(401);
  });

  test('without a source takes one that the token covers, and asks for no other', async () => {
    const bytes = randomBytesOf('without a source', 2000);
    const unnamed = { digest: sha256(bytes), mediaType: '', bytes };
    for (const holder of ['team/one', 'team/two']) await client.pushBlob(holder, unnamed);
    const query = `mount=${unnamed.digest}`;
    const narrow = await mount(query, target);
    expect([narrow.status, narrow.headers.range]).toEqual([202, '0-0']);
    expect((await mount(query, target, 'repository:team/two:pull')).status).toBe(201);
    expect((await client.getBlob('team/copy', unnamed.digest)).body).toEqual(bytes);
  });

  test('T2 nothing from a repository that may not be read, and no hint whether it exists', async () => {
    const scope = 'repository:secret/base:pull';
    const answers = [
      await mount(`mount=${digest}&from=secret/base`, target, scope),
      await mount(`mount=${digest}&from=secret/none`, target, scope),
    ];
    for (const { status, headers } of answers) {
      expect([status, headers.range, Object.keys(headers)]).toEqual([
        202,
        '0-0',
        Object.keys(answers[0]?.headers ?? {}),
      ]);
    }
    const secret = sha256(Buffer.from('only there'));
    const admin = await RegistryClient.open(berth.url, berth.admin);
    await admin.pushBlob('secret/base', { digest: secret, mediaType: '', bytes: Buffer.from('only there') });
    expect((await mount(`mount=${secret}`, target)).status).toBe(202);
  });

  test('the first challenge names both repositories', async () => {
    const path = `/v2/team/copy/blobs/uploads/?mount=${digest}&from=team/base`;
    const { headers } = await send(berth.url, path, { method: 'POST' });
    expect(headers['www-authenticate']).toContain(`scope="${target} repository:team/base:pull"`);
  });

  test('T2 knowing a digest gives neither the blob nor a manifest with it', async () => {
    const eve = { authorization: basic('eve', 'x') };
    expect((await send(berth.url, `/v2/eve/x/blobs/${digest}`, { headers: eve })).status).toBe(401);
    const secret = sha256(Buffer.from('only there'));
    const admin = await RegistryClient.open(berth.url, berth.admin);
    await admin.pushBlob('secret/base', { digest: secret, mediaType: '', bytes: Buffer.from('only there') });
    expect((await client.getBlob('team/copy', secret)).status).toBe(404);
    expect(await client.hasBlob('team/copy', secret)).toBe(false);
    const descriptor = { mediaType: 'application/octet-stream', digest: secret, size: 10 };
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, config: descriptor, layers: [] }));
    const put = await client.putManifest('team/copy', 'stolen', { digest: sha256(bytes), mediaType: type, bytes });
    expect([put.status, jsonOf(put).errors[0].code]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
  });

  test('whoever has the bytes themselves may push them', async () => {
    await client.pushBlob('team/own', { digest, mediaType: '', bytes: source });
    expect((await client.getBlob('team/own', digest)).body).toEqual(source);
  });

  test('whoever loses the role while the mount waits gets nothing that only the role showed', async () => {
    const dan = await addUser(berth, 'dan', { 'team/*': ['push'] });
    await berth.api('PATCH', '/api/v1/users/dan', { role: 'admin' });
    const headers = { authorization: basic(dan.username, dan.password) };
    const post = (query = '') => send(berth.url, `/v2/team/dan/blobs/uploads/${query}`, { method: 'POST', headers });
    expect((await post()).status).toBe(202); // from here on the password is known, and not compared once more
    await addUser(berth, 'busy');
    const other = new SqliteFile(join(berth.dataDir, 'berth.db'));
    other.exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
      INSERT INTO grants (user_id, pattern, can_pull, can_push, can_delete, can_manage, created_at)
      SELECT (SELECT id FROM users WHERE username = 'busy'), 'n' || n, 1, 0, 0, 0, 0 FROM n`);
    try {
      other.exec('BEGIN IMMEDIATE');
      const demoted = berth.api('PATCH', '/api/v1/users/dan', { role: 'user' });
      await until('the change of the role waits', async () => /changes wait for it/.test(berth.output()));
      // Takes so long that the one before is through and acknowledged when the mount has its turn.
      const removed = berth.api('DELETE', '/api/v1/users/busy');
      expect((await berth.api('GET', '/api/v1/users/busy')).status).toBe(200);
      const mounted = post(`?mount=${digest}&from=secret/base`);
      expect((await post()).status).toBe(202); // behind the mount, and writes nothing
      other.exec('ROLLBACK');
      const answers = await Promise.all([demoted, removed, mounted]);
      expect(answers.map(({ status }) => status)).toEqual([200, 204, 202]);
    } finally {
      other.close();
    }
    expect(await client.hasBlob('team/dan', digest)).toBe(false);
  });
});
