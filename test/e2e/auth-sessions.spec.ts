import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, type Question, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth();
});

afterAll(() => berth.stop());

const problem = ({ body }: Answer) => JSON.parse(body.toString());

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const question: Question = {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  return send(berth.url, `/api/v1${path}`, question);
}

/** Signs in as a browser would; the cookie as it is sent back. */
async function cookieOf(who: Credentials, headers: Record<string, string> = {}): Promise<string> {
  const answer = await call('POST', '/auth/login', who, headers);
  expect(answer.status).toBe(200);
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

const isIn = async (headers: Record<string, string>) =>
  (await call('GET', '/auth/me', undefined, headers)).status === 200;

describe('signing in', () => {
  test('gives a bearer for a quarter of an hour and a cookie no script can read', async () => {
    const who = await addUser(berth, 'ann');
    const answer = await call('POST', '/auth/login', who);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(problem(answer)).toEqual({ accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 900 });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^berth=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect(await isIn({ cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' })).toBe(true);
    expect(await isIn({ authorization: `Bearer ${problem(answer).accessToken}` })).toBe(true);
  });

  test('over HTTPS binds the cookie to it', async () => {
    const who = await addUser(berth, 'https');
    const answer = await call('POST', '/auth/login', who, { 'x-forwarded-proto': 'https' });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-berth=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
    const plain = await call('GET', '/auth/me');
    expect(plain.headers).not.toHaveProperty('strict-transport-security');
    expect(plain.headers).not.toHaveProperty('cross-origin-opener-policy');
  });

  test.each<[string, unknown, number]>([
    ['nothing', {}, 400],
    ['an operator for a name', { username: { $ne: null }, password: 'x' }, 400],
    ['an array for a password', { username: 'ann', password: ['x'] }, 400],
    ['a password of 100 KB', { username: 'ann', password: 'x'.repeat(100_000) }, 400],
    ['a password of 1 MB', { username: 'ann', password: 'x'.repeat(1_000_000) }, 413],
    ['SQL for a name', { username: "' OR 1=1--", password: 'x' }, 401],
    ['a field too many', { username: 'ann', password: 'x', role: 'admin' }, 400],
    ['an array', [], 400],
  ])('B85, B86 %s → refused', async (_name, body, status) => {
    const answer = await call('POST', '/auth/login', body);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  test('what is wrong is pointed at', async () => {
    const answer = await call('POST', '/auth/login', { username: 'ann', role: 'admin' });
    expect(problem(answer)).toMatchObject({
      code: 'VALIDATION_FAILED',
      requestId: answer.headers['x-request-id'],
      instance: '/api/v1/auth/login',
    });
    expect(
      problem(answer)
        .errors.map(({ pointer }: { pointer: string }) => pointer)
        .sort(),
    ).toEqual(['/password', '/role']);
  });

  test.each([
    ['{', 400],
    ['null', 400],
    ['"x"', 400],
    ['{"username":"ann","__proto__":{"role":"admin"},"password":"x"}', 400],
  ])('JSON %j', async (body, status) => {
    const answer = await send(berth.url, '/api/v1/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(status);
  });

  test('wrong, unknown and disabled are told the same', async () => {
    const who = await addUser(berth, 'off');
    await berth.api('PATCH', '/api/v1/users/off', { enabled: false });
    const answers = await Promise.all(
      [who, { username: 'ann', password: 'wrong' }, { username: 'nobody', password: 'wrong' }].map((body) =>
        call('POST', '/auth/login', body),
      ),
    );
    const told = answers.map((answer) => ({ ...problem(answer), requestId: '', status: answer.status }));
    expect(told[0]).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  });

  test('T20 no password everybody knows opens anything', async () => {
    for (const password of ['admin', 'admin123', 'password', 'Harbor12345', 'changeme', ''])
      expect((await call('POST', '/auth/login', { username: 'admin', password })).status).toBe(401);
  });

  test('T28 every character of a password counts', async () => {
    const long = `${'0123456789abcdefghij'.repeat(4)}`;
    const passwords = { long, nul: 'abc\0defghijk', wide: '春眠不觉晓处处闻啼鸟夜来风雨声花落知多少'.repeat(3) };
    for (const [username, password] of Object.entries(passwords)) {
      const body = { username, password, role: 'user', mustChangePassword: false };
      expect((await berth.api('POST', '/api/v1/users', body)).status).toBe(201);
      expect((await call('POST', '/auth/login', { username, password })).status).toBe(200);
    }
    expect((await call('POST', '/auth/login', { username: 'long', password: long.slice(0, 72) })).status).toBe(401);
    expect((await call('POST', '/auth/login', { username: 'nul', password: 'abc' })).status).toBe(401);
  });
});

describe('a session', () => {
  test('T29 is a new one at every sign-in, and the old one ends', async () => {
    const who = await addUser(berth, 'twice');
    const first = await cookieOf(who);
    const second = await cookieOf(who, { cookie: first });
    expect(second).not.toBe(first);
    expect(await isIn({ cookie: first })).toBe(false);
    expect(await isIn({ cookie: second })).toBe(true);
  });

  test('ends by signing out, for its bearer too', async () => {
    const token = await berth.signIn(...(Object.values(await addUser(berth, 'leaver')) as [string, string]));
    const bearer = { authorization: `Bearer ${token}` };
    const answer = await call('POST', '/auth/logout', undefined, bearer);
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^berth=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(await isIn(bearer)).toBe(false);
  });

  test('gives another bearer', async () => {
    const token = await berth.signIn(...(Object.values(await addUser(berth, 'refresher')) as [string, string]));
    const answer = await berth.api('POST', '/api/v1/auth/refresh', undefined, token);
    expect(answer.status).toBe(200);
    expect(await isIn({ authorization: `Bearer ${answer.body.accessToken}` })).toBe(true);
  });

  test('can be seen and ended by its owner, and by nobody else', async () => {
    const who = await addUser(berth, 'owner');
    const [first, second] = [
      await berth.signIn(who.username, who.password),
      await berth.signIn(who.username, who.password),
    ];
    const { body } = await berth.api('GET', '/api/v1/auth/sessions', undefined, second);
    expect(body.items).toHaveLength(2);
    expect(body.items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const other = body.items.find(({ current }: { current: boolean }) => !current);
    expect((await berth.api('DELETE', `/api/v1/auth/sessions/${other.id}`)).status).toBe(404);
    expect(await isIn({ authorization: `Bearer ${first}` })).toBe(true);
    expect((await berth.api('DELETE', `/api/v1/auth/sessions/${other.id}`, undefined, second)).status).toBe(204);
    expect(await isIn({ authorization: `Bearer ${first}` })).toBe(false);
    expect(await isIn({ authorization: `Bearer ${second}` })).toBe(true);
  });

  test('survives a restart', async () => {
    const cookie = await cookieOf(await addUser(berth, 'patient'));
    await berth.restart();
    expect(await isIn({ cookie })).toBe(true);
  });

  test.each(['', 'garbage', 'a.b.c', `${'x'.repeat(4_000)}`])('is not opened by the cookie %j', async (value) => {
    expect(await isIn({ cookie: `berth=${value}` })).toBe(false);
  });
});

describe('changing the password', () => {
  test('ends every other session and every token, and goes on with a new session', async () => {
    const who = await addUser(berth, 'changer');
    const old = await berth.signIn(who.username, who.password);
    const elsewhere = await berth.signIn(who.username, who.password);
    const registry = await berth.token(who.username, who.password);
    const body = { currentPassword: who.password, newPassword: 'correct horse battery staple' };
    const answer = await berth.api('PUT', '/api/v1/auth/password', body, old);
    expect(answer.status).toBe(200);
    for (const token of [old, elsewhere]) expect(await isIn({ authorization: `Bearer ${token}` })).toBe(false);
    expect(await isIn({ authorization: `Bearer ${answer.body.accessToken}` })).toBe(true);
    const ping = await send(berth.url, '/v2/', { headers: { authorization: `Bearer ${registry}` } });
    expect(ping.status).toBe(401);
    expect((await call('POST', '/auth/login', who)).status).toBe(401);
  });

  test.each<[string, (current: string) => object, number, string]>([
    [
      'a wrong current one',
      () => ({ currentPassword: 'wrong', newPassword: 'correct horse battery' }),
      401,
      'UNAUTHORIZED',
    ],
    ['a short one', (currentPassword) => ({ currentPassword, newPassword: 'short' }), 400, 'PASSWORD_REJECTED'],
    ['a common one', (currentPassword) => ({ currentPassword, newPassword: 'password123' }), 400, 'PASSWORD_REJECTED'],
    ['the same', (currentPassword) => ({ currentPassword, newPassword: currentPassword }), 400, 'PASSWORD_REJECTED'],
    ['none', (currentPassword) => ({ currentPassword }), 400, 'VALIDATION_FAILED'],
  ])('%s is refused', async (name, body, status, code) => {
    const who = await addUser(berth, `p-${name.replaceAll(' ', '-')}`);
    const token = await berth.signIn(who.username, who.password);
    const answer = await berth.api('PUT', '/api/v1/auth/password', body(who.password), token);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await isIn({ authorization: `Bearer ${token}` })).toBe(true);
  });

  test('has to come first for whoever was given a password', async () => {
    const created = await berth.api('POST', '/api/v1/users', { username: 'fresh', role: 'admin' });
    expect(created.body.initialPassword.length).toBeGreaterThanOrEqual(20);
    const token = await berth.signIn('fresh', created.body.initialPassword);
    for (const path of ['/auth/me', '/users', '/repositories', '/auth/sessions']) {
      const answer = await berth.api('GET', `/api/v1${path}`, undefined, token);
      expect([answer.status, answer.body.code]).toEqual([403, 'PASSWORD_CHANGE_REQUIRED']);
    }
    const body = { currentPassword: created.body.initialPassword, newPassword: 'correct horse battery staple' };
    const { body: changed } = await berth.api('PUT', '/api/v1/auth/password', body, token);
    expect((await berth.api('GET', '/api/v1/users', undefined, changed.accessToken)).status).toBe(200);
  });
});

describe('T25, B87 another site cannot act with the cookie (bad-input/cross-site asks every route)', () => {
  let cookie: string;
  beforeAll(async () => {
    cookie = await cookieOf(berth.admin);
  });

  test('by a form, which can only send other types', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type, cookie };
      const answer = await send(berth.url, '/api/v1/users', {
        method: 'POST',
        headers,
        body: '{"username":"mallory","role":"admin"}',
      });
      expect(answer.status).toBe(415);
    }
  });

  test('by a method in disguise', async () => {
    expect((await call('GET', '/users/ann?_method=DELETE', undefined, { cookie })).status).toBe(200);
    expect((await call('POST', '/auth/sessions/x', {}, { cookie, 'x-http-method-override': 'DELETE' })).status).toBe(
      405,
    );
    expect((await berth.api('GET', '/api/v1/users/ann')).status).toBe(200);
  });

  test('nor read anything across origins', async () => {
    const answer = await call('GET', '/auth/me', undefined, { cookie, origin: 'http://evil.example' });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
