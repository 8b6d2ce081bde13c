import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, jsonOf, type Question, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { accessOf, askRealm, claimsOf, headerOf } from '../support/realm.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let reader: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'] });
  reader = await addUser(berth, 'reader', { 'team/app': ['pull'] });
});

afterAll(() => berth.stop());

const get = (query: string, who?: Credentials) => askRealm(berth, query, who);

function post(form: Record<string, string> | string, question: Question = {}): Promise<Answer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...question.headers };
  return send(berth.url, '/token', { method: 'POST', headers, body });
}

async function access(query: string, who?: Credentials): Promise<string[]> {
  const answer = await get(`service=berth&${query}`, who);
  expect(answer.status).toBe(200);
  return accessOf(answer);
}

describe('GET', () => {
  test('answers with the types that docker insists on', async () => {
    const answer = await get('service=berth&account=ann&client_id=docker', ann);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = jsonOf(answer);
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'issued_at', 'token']);
    expect(body.access_token).toBe(body.token);
    expect(body.expires_in).toBe(300);
    expect(body.issued_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('signs what Distribution 2.8 and 3 can verify from our published key and chain', async () => {
    const { token } = jsonOf(await get('service=berth&scope=repository:team/app:pull', ann));
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { alg, typ, kid, x5c } = headerOf(token);
    const jwks = jsonOf(await send(berth.url, '/.well-known/jwks.json'));
    expect(jwks.keys).toHaveLength(1);
    expect({ alg, typ, kid }).toEqual({ alg: 'ES256', typ: 'JWT', kid: jwks.keys[0].kid });
    expect(jwks.keys[0]).not.toHaveProperty('d');
    const key = createPublicKey({ key: jwks.keys[0], format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    const leaf = new X509Certificate(Buffer.from(x5c[0], 'base64'));
    const ca = new X509Certificate(await readFile(join(berth.dataDir, 'keys', 'ca.pem')));
    expect(leaf.publicKey.equals(key)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(claimsOf(token)).toMatchObject({ iss: 'berth', sub: 'ann', aud: 'berth' });
  });

  test.each<[string, string, string[]]>([
    ['one scope', 'scope=repository:team/app:pull', ['repository:team/app:pull']],
    [
      'scopes repeated',
      'scope=repository:team/a:pull&scope=repository:team/b:pull',
      ['repository:team/a:pull', 'repository:team/b:pull'],
    ],
    [
      'scopes with spaces',
      'scope=repository:team/a:pull%20repository:team/b:push,pull',
      ['repository:team/a:pull', 'repository:team/b:pull,push'],
    ],
    [
      'one bad scope among good ones',
      'scope=nonsense&scope=repository:team/a:pull&scope=repository:Team/A:pull',
      ['repository:team/a:pull'],
    ],
    ['everything, spelled out', 'scope=repository:team/a:*', ['repository:team/a:pull,push,delete']],
    ['nothing where nothing is granted', 'scope=repository:other/a:pull,push', []],
    ['nothing for a name with a host', 'scope=repository:host:5000/a/b:pull', []],
    ['nothing for a wildcard', 'scope=repository:*:pull', []],
    ['nothing for a path', 'scope=repository:a/../b:pull', []],
    ['nothing for parameters of another shape', 'scope[]=repository:team/a:pull&scope[a]=b', []],
    ['the catalogue', 'scope=registry:catalog:*', ['registry:catalog:*']],
  ])('grants %s', async (_name, query, expected) => {
    expect(await access(query, ann)).toEqual(expected);
  });

  test('gives a reader pull of what was asked', async () => {
    expect(await access('scope=repository:team/app:pull,push,delete', reader)).toEqual(['repository:team/app:pull']);
    expect(await access('scope=repository:team/app:*', reader)).toEqual(['repository:team/app:pull']);
  });

  test('gives nobody a token of nobody', async () => {
    const { token } = jsonOf(await get('service=berth&scope=repository:team/app:pull'));
    expect(claimsOf(token)).toMatchObject({ sub: '', access: [] });
  });

  test('treats a forbidden repository like a missing one', async () => {
    await berth.api('POST', '/api/v1/repositories', { name: 'secret/app', visibility: 'private' });
    const [forbidden, missing] = await Promise.all(
      ['secret/app', 'secret/no'].map((name) => access(`scope=repository:${name}:pull`, reader)),
    );
    expect(forbidden).toEqual(missing);
  });

  test.each<[string, string, Credentials | 'ann' | undefined, number]>([
    ['no service', 'account=ann', 'ann', 400],
    ['another service', 'service=other', 'ann', 400],
    ['a wrong password', 'service=berth', { username: 'ann', password: 'wrong' }, 401],
    ['an unknown user', 'service=berth', { username: 'nobody', password: 'wrong' }, 401],
    ['a name of 10 KB', 'service=berth', { username: 'x'.repeat(10_000), password: 'wrong' }, 401],
    ['a name with NUL', 'service=berth', { username: 'ann\0', password: 'wrong' }, 401],
    ['an account that is not the user', 'service=berth&account=bob', 'ann', 401],
    ['1,001 scopes', `service=berth&scope=repository:a:pull${'+repository:a:pull'.repeat(1000)}`, 'ann', 400],
    ['1,001 parameters', `service=berth${'&scope=repository:a:pull'.repeat(1000)}`, 'ann', 413],
    ['a client_id of 10 KB', `service=berth&client_id=${'x'.repeat(10_000)}`, 'ann', 400],
  ])('%s → refused', async (_name, query, who, status) => {
    const answer = await get(query, who === 'ann' ? ann : who);
    expect(answer.status).toBe(status);
    expect(jsonOf(answer)).toMatchObject({ errors: [{ code: expect.any(String), message: expect.any(String) }] });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(jsonOf(answer)).not.toHaveProperty('token');
  });

  test('unknown, mistaken and disabled get the same answer', async () => {
    const gone = await addUser(berth, 'gone');
    await berth.api('PATCH', '/api/v1/users/gone', { enabled: false });
    const answers = await Promise.all(
      [{ username: 'ann', password: 'wrong!' }, { username: 'nobody', password: 'wrong!' }, gone].map((who) =>
        get('service=berth', who),
      ),
    );
    const seen = answers.map(({ status, body }) => ({ status, body: body.toString() }));
    expect(new Set(seen.map((answer) => JSON.stringify(answer)))).toHaveProperty('size', 1);
    expect(seen[0]?.status).toBe(401);
  });

  test('HEAD and other methods do not make tokens', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      expect((await send(berth.url, '/token?service=berth', { method })).status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('POST', () => {
  const form = () => ({ grant_type: 'password', service: 'berth', client_id: 'containerd-client', ...ann });

  test('answers like GET, with the scope that was granted', async () => {
    const answer = await post({
      ...form(),
      scope: 'repository:c/x:pull repository:team/x:pull repository:team/x:pull,push',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = jsonOf(answer);
    expect(body).toMatchObject({
      scope: 'repository:team/x:pull,push',
      expires_in: 300,
      issued_at: expect.any(String),
    });
    expect(claimsOf(body.access_token).access).toHaveLength(1);
    expect(body).not.toHaveProperty('refresh_token');
  });

  test('takes scopes repeated in the body', async () => {
    const body = `${new URLSearchParams(form())}&scope=repository:team/a:pull&scope=repository:team/b:pull`;
    expect(jsonOf(await post(body)).scope).toBe('repository:team/a:pull repository:team/b:pull');
  });

  test.each<[string, () => Promise<Answer>, number, string]>([
    ['no grant_type', () => post({ service: 'berth' }), 400, 'unsupported_grant_type'],
    ['another grant_type', () => post({ ...form(), grant_type: 'authorization_code' }), 400, 'unsupported_grant_type'],
    [
      'a refresh token',
      () => post({ ...form(), grant_type: 'refresh_token', refresh_token: 'x' }),
      401,
      'invalid_grant',
    ],
    ['a wrong password', () => post({ ...form(), password: 'wrong' }), 401, 'invalid_grant'],
    ['no password', () => post({ grant_type: 'password', service: 'berth' }), 401, 'invalid_grant'],
    ['no service', () => post({ grant_type: 'password', ...ann }), 400, 'invalid_request'],
    [
      'a name with a lone surrogate',
      () => post(`grant_type=password&service=berth&username=%ED%A0%80&password=x`),
      401,
      'invalid_grant',
    ],
    ['a megabyte', () => post(`grant_type=password&x=${'x'.repeat(1_000_000)}`), 413, 'invalid_request'],
    [
      'JSON',
      () => post(JSON.stringify(form()), { headers: { 'content-type': 'application/json' } }),
      415,
      'invalid_request',
    ],
    ['no type', () => post('', { headers: { 'content-type': '' } }), 415, 'invalid_request'],
  ])('%s → refused', async (_name, ask, status, error) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(jsonOf(answer)).toMatchObject({ error, errors: [{ code: expect.any(String) }] });
  });
});

describe('who must change the password', () => {
  test('is sent to the console, but only with the right password', async () => {
    const created = await berth.api('POST', '/api/v1/users', { username: 'fresh', role: 'user' });
    const fresh = { username: 'fresh', password: created.body.initialPassword };
    const answer = await get('service=berth', fresh);
    expect(answer.status).toBe(401);
    expect(jsonOf(answer).errors[0].message).toMatch(/console.*change your password/);
    const basicAnswer = await send(berth.url, '/v2/', { headers: { authorization: basic('fresh', fresh.password) } });
    expect(basicAnswer.status).toBe(401);
    expect(jsonOf(basicAnswer).errors[0].message).toMatch(/change your password/);
    const wrong = await get('service=berth', { ...fresh, password: 'wrong' });
    expect(jsonOf(wrong).errors[0].message).not.toMatch(/change/);
  });
});
