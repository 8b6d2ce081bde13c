import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { jsonOf, send } from '../support/http.js';
import { addUser } from '../support/people.js';

let berth: Berth;
const groups = '/api/v1/groups';
const robots = '/api/v1/robots';
const tokens = '/api/v1/tokens';

beforeAll(async () => {
  berth = await startBerth();
});

afterAll(() => berth.stop());

describe('If-Match', () => {
  const ask = async (method: string, path: string, ifMatch: string, body?: object) => {
    const authorization = `Bearer ${await berth.signIn('admin', berth.admin.password)}`;
    return send(berth.url, path, {
      method,
      headers: { authorization, 'if-match': ifMatch, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
  };

  test('changes only what the client has seen', async () => {
    await addUser(berth, 'matched');
    await berth.api('POST', groups, { name: 'matched' });
    await berth.api('POST', robots, { namespace: 'matched', name: 'ci' });
    await berth.api('POST', '/api/v1/repositories', { name: 'matched', visibility: 'private' });
    for (const [path, change] of [
      ['/api/v1/users/matched', { fullName: 'M' }],
      [`${groups}/matched`, { description: 'M' }],
      [`${robots}/matched%2Bci`, { description: 'M' }],
      ['/api/v1/repositories/matched', { description: 'M' }],
    ] as const) {
      const { etag } = (await berth.api('GET', path)).headers;
      expect(etag).toMatch(/^"[\w-]{22}"$/);
      expect((await ask('PATCH', path, '"stale"', change)).status).toBe(412);
      const changed = await ask('PATCH', path, `"x", ${etag}`, change);
      expect(changed.status).toBe(200);
      expect(changed.headers.etag).not.toBe(etag);
      const late = await ask('DELETE', path, String(etag));
      expect([late.status, jsonOf(late).code]).toEqual([412, 'PRECONDITION_FAILED']);
      expect((await ask('DELETE', path, `W/${changed.headers.etag}`)).status).toBe(412);
      expect((await ask('DELETE', path, '*')).status).toBe(204);
      expect((await ask('DELETE', path, '*')).status).toBe(404);
    }
  });

  test('guards access tokens, and grants that are put again', async () => {
    const { id } = (await berth.api('POST', tokens, { name: 'matched' })).body;
    const { etag } = (await berth.api('GET', `${tokens}/${id}`)).headers;
    for (const match of ['"stale"', `W/${etag}`]) {
      expect((await ask('POST', `${tokens}/${id}/rotate`, match)).status).toBe(412);
      expect((await ask('DELETE', `${tokens}/${id}`, match)).status).toBe(412);
    }
    expect((await ask('POST', `${tokens}/${id}/rotate`, String(etag))).status).toBe(200);
    expect((await ask('DELETE', `${tokens}/${id}`, '*')).status).toBe(204);

    const grant = { subject: { type: 'user', name: 'admin' }, pattern: 'put/*', actions: ['pull'] };
    expect((await ask('PUT', '/api/v1/permissions', '*', grant)).status).toBe(412);
    const made = await berth.api('PUT', '/api/v1/permissions', grant);
    const seen = (await berth.api('GET', `/api/v1/permissions/${made.body.id}`)).headers.etag;
    const wider = { ...grant, actions: ['push'] };
    expect((await ask('PUT', '/api/v1/permissions', '"stale"', wider)).status).toBe(412);
    expect((await ask('PUT', '/api/v1/permissions', String(seen), wider)).status).toBe(200);
    expect((await ask('PUT', '/api/v1/permissions', String(seen), grant)).status).toBe(412);
  });

  test('is compared with what another program has committed by the time the change is made', async () => {
    await addUser(berth, 'waited');
    const path = '/api/v1/users/waited';
    const { etag } = (await berth.api('GET', path)).headers;
    const authorization = `Bearer ${await berth.signIn('admin', berth.admin.password)}`;
    const other = new SqliteFile(join(berth.dataDir, 'berth.db'));
    try {
      other.exec('BEGIN IMMEDIATE');
      const headers = { authorization, 'if-match': String(etag), 'content-type': 'application/json' };
      const change = send(berth.url, path, { method: 'PATCH', headers, body: JSON.stringify({ fullName: 'Late' }) });
      // By then the change has come and waits for the lock.
      for (let read = 0; read < 3; read++) expect((await berth.api('GET', path)).status).toBe(200);
      other.prepare(`UPDATE users SET full_name = 'Early' WHERE username = 'waited'`).run();
      other.exec('COMMIT');
      expect((await change).status).toBe(412);
    } finally {
      other.close();
    }
    expect((await berth.api('GET', path)).body.fullName).toBe('Early');
  });

  test('refuses what the console changed meanwhile', async () => {
    await addUser(berth, 'seen');
    await berth.api('POST', '/api/v1/repositories', { name: 'seen', visibility: 'private' });
    const { username, password } = berth.admin;
    const type = 'application/x-www-form-urlencoded';
    const post = (path: string, fields: Record<string, string>, cookie = '') => {
      const headers = { cookie, origin: berth.url, 'content-type': type };
      return send(berth.url, path, { method: 'POST', headers, body: `${new URLSearchParams(fields)}` });
    };
    const signedIn = await post('/sign-in', { username, password });
    const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    for (const [path, page, fields] of [
      ['/api/v1/users/seen', '/users/seen', { role: 'user', fullName: 'From the console', email: '' }],
      ['/api/v1/repositories/seen', '/r/seen/-/settings', { visibility: 'private', description: 'From the console' }],
    ] as const) {
      const { etag } = (await berth.api('GET', path)).headers;
      const form = (await send(berth.url, page, { headers: { cookie } })).body.toString();
      const _csrf = /name="_csrf" value="([^"]+)"/.exec(form)?.[1] ?? '';
      expect((await post(page, { ...fields, _csrf }, cookie)).status).toBe(303);
      const change = path.includes('users') ? { fullName: 'From a script' } : { description: 'From a script' };
      expect((await ask('PATCH', path, String(etag), change)).status).toBe(412);
      expect(JSON.stringify((await berth.api('GET', path)).body)).toContain('From the console');
    }
  });

  test('of two who saw the same state one wins', async () => {
    await berth.api('POST', groups, { name: 'raced' });
    const { etag } = (await berth.api('GET', `${groups}/raced`)).headers;
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((description) => ask('PATCH', `${groups}/raced`, String(etag), { description })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });
});
