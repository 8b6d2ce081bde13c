import { gzipSync } from 'node:zlib';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, send } from '../support/http.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth();
});

afterAll(() => berth.stop());

const problem = ({ body }: Answer) => JSON.parse(body.toString());

test('H1, H2 every answer says what a browser may do with it', async () => {
  for (const path of ['/api/v1/auth/me', '/api/nothing', '/token?service=berth', '/.well-known/jwks.json']) {
    const { headers } = await send(berth.url, path);
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';font-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none';object-src 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      'x-request-id': expect.any(String),
    });
    for (const absent of ['x-powered-by', 'server', 'strict-transport-security', 'access-control-allow-origin', 'etag'])
      expect(headers).not.toHaveProperty(absent);
  }
});

test('H19 nothing of the API or the realm is kept', async () => {
  for (const path of ['/api/v1/auth/me', '/token?service=berth', '/token'])
    expect((await send(berth.url, path)).headers['cache-control']).toBe('no-store');
});

test('what does not exist is a problem that names the request', async () => {
  const answer = await send(berth.url, '/api/v1/nothing?q=secret');
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(problem(answer)).toEqual({
    type: 'urn:berth:error:ROUTE_UNKNOWN',
    title: expect.any(String),
    status: 404,
    instance: '/api/v1/nothing',
    code: 'ROUTE_UNKNOWN',
    requestId: answer.headers['x-request-id'],
  });
});

test('a problem is titled in the language that is asked for', async () => {
  const title = async (language: string) =>
    problem(await send(berth.url, '/api/v1/auth/me', { headers: { 'accept-language': language } })).title;
  expect(await title('zh-TW,en;q=0.5')).toMatch(/[\u4e00-\u9fff]/);
  expect(await title('fr')).toBe('authentication required');
});

test('T41 a body is refused compressed, too large, or in another encoding, before anybody reads it', async () => {
  const post = (headers: Record<string, string>, body: string | Buffer) =>
    send(berth.url, '/api/v1/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
  expect((await post({ 'content-encoding': 'gzip' }, bomb)).status).toBe(415);
  expect((await post({ 'content-type': 'application/json; charset=utf-7' }, '{}')).status).toBe(415);
  const large = await post({}, JSON.stringify({ username: 'x'.repeat(300_000), password: 'x' }));
  expect([large.status, problem(large).code]).toEqual([413, 'BODY_TOO_LARGE']);
  const malformed = await post({}, '{"username":"ann","password":"hunter2",}');
  expect(malformed.status).toBe(400);
  expect(malformed.body.toString()).not.toContain('hunter2');
});

test('B100 a hundred cookies and odd languages are only odd', async () => {
  const cookie = Array.from({ length: 100 }, (_, index) => `c${index}=${'x'.repeat(50)}`).join('; ');
  expect((await send(berth.url, '/api/v1/auth/me', { headers: { cookie } })).status).toBe(401);
  expect(
    (await send(berth.url, '/api/v1/auth/me', { headers: { cookie: `berth=${'x'.repeat(20_000)}` } })).status,
  ).toBe(431);
  expect(
    (await send(berth.url, '/api/v1/auth/me', { headers: { 'accept-language': `${'x'.repeat(8_000)}` } })).status,
  ).toBe(401);
  expect(
    (await send(berth.url, '/api/v1/auth/me', { headers: { cookie: 'berth=%E0%A4%A; __proto__=x' } })).status,
  ).toBe(401);
});

test('passwords and tokens never reach the log', async () => {
  const canary = 'Canary-7f3a-password';
  await berth.api('POST', '/api/v1/users', {
    username: 'canary',
    role: 'user',
    password: canary,
    mustChangePassword: false,
  });
  const token = await berth.signIn('canary', canary);
  const registry = await berth.token('canary', canary);
  await berth.api('POST', '/api/v1/auth/login', { username: 'canary', password: `${canary}x` }, null);
  await berth.api('PUT', '/api/v1/auth/password', { currentPassword: canary, newPassword: 'short' }, token);
  await send(berth.url, `/token?service=berth&account=canary&password=${canary}`, {
    headers: { cookie: `berth=${token}` },
  });
  for (const secret of [canary, token, registry]) expect(berth.output()).not.toContain(secret);
});
