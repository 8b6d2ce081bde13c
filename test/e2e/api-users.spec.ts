import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { addSignedIn, addUser } from '../support/people.js';

let berth: Berth;
let plain: string;

beforeAll(async () => {
  berth = await startBerth();
  plain = await addSignedIn(berth, 'plain');
});

afterAll(() => berth.stop());

const users = '/api/v1/users';
const secrets = /hash|password_|credential|secret/i;

describe('users', () => {
  test('are created with a password that is told once and must be changed', async () => {
    const answer = await berth.api('POST', users, {
      username: 'ann',
      role: 'user',
      fullName: 'Ann',
      email: 'ann@example.com',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`${users}/ann`);
    const { initialPassword, ...user } = answer.body;
    expect(initialPassword.length).toBeGreaterThanOrEqual(20);
    expect(user).toEqual({
      username: 'ann',
      fullName: 'Ann',
      email: 'ann@example.com',
      role: 'user',
      enabled: true,
      mustChangePassword: true,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      lastSignInAt: null,
    });
    const shown = await berth.api('GET', `${users}/ann`);
    expect(shown.body).toEqual(user);
    expect(JSON.stringify(shown.body)).not.toMatch(secrets);
  });

  test('are changed, and what is not named stays', async () => {
    await addUser(berth, 'bob');
    const answer = await berth.api('PATCH', `${users}/bob`, { fullName: 'Bob' });
    expect([answer.status, answer.body.fullName, answer.body.role]).toEqual([200, 'Bob', 'user']);
    expect((await berth.api('PATCH', `${users}/bob`, { fullName: null })).body.fullName).toBeNull();
  });

  test('are removed', async () => {
    await addUser(berth, 'temp');
    expect((await berth.api('DELETE', `${users}/temp`)).status).toBe(204);
    expect((await berth.api('GET', `${users}/temp`)).status).toBe(404);
    expect((await berth.api('DELETE', `${users}/temp`)).status).toBe(404);
  });

  test('get another password from an admin, to be changed', async () => {
    const who = await addUser(berth, 'forgetful');
    const old = await berth.signIn(who.username, who.password);
    const reset = await berth.api('POST', `${users}/forgetful/password-reset`, { password: 'correct horse battery' });
    expect(reset.status).toBe(204);
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, old)).status).toBe(401);
    const fresh = await berth.signIn('forgetful', 'correct horse battery');
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, fresh)).body.code).toBe('PASSWORD_CHANGE_REQUIRED');
  });

  test('are listed in pages that lead on', async () => {
    const names = ['page-a', 'page-b', 'page-c'];
    for (const name of names) await addUser(berth, name);
    const first = await berth.api('GET', `${users}?q=page-&limit=2`);
    expect(first.body.items.map(({ username }: { username: string }) => username)).toEqual(['page-a', 'page-b']);
    expect(first.body.nextCursor).toMatch(/^[A-Za-z0-9_-]+$/);
    const [, next = ''] = /^<([^>]+)>; rel="next"/.exec(String(first.headers.link)) ?? [];
    const second = await berth.api('GET', next);
    expect(second.body).toEqual({ items: [expect.objectContaining({ username: 'page-c' })] });
    expect(second.headers.link).not.toContain('rel="next"');
  });

  test.each<[string, object, string]>([
    ['no name', { role: 'user' }, '/username'],
    ['a name that is no name', { username: 'A B', role: 'user' }, '/username'],
    ['a name that is a path', { username: '../x', role: 'user' }, '/username'],
    ['an object for a name', { username: { $ne: null }, role: 'user' }, '/username'],
    ['no role', { username: 'x1' }, '/role'],
    ['another role', { username: 'x1', role: 'root' }, '/role'],
    ['a bad address', { username: 'x1', role: 'user', email: 'nobody' }, '/email'],
    ['T21 an id', { username: 'x1', role: 'user', id: 1 }, '/id'],
    ['T21 a flag of another product', { username: 'x1', role: 'user', isAdmin: true }, '/isAdmin'],
    ['T21 a hash', { username: 'x1', role: 'user', passwordHash: 'x' }, '/passwordHash'],
    ['T21 a time', { username: 'x1', role: 'user', createdAt: '2020-01-01' }, '/createdAt'],
  ])('%s is refused by name', async (_name, body, pointer) => {
    const answer = await berth.api('POST', users, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(answer.body.errors).toContainEqual({ pointer, message: expect.any(String) });
    expect((await berth.api('GET', `${users}/x1`)).status).toBe(404);
  });

  test.each(['__proto__', 'constructor'])('T21 a %s in the body makes nobody', async (member) => {
    const body = `{"username":"proto","role":"user","${member}":{"role":"admin"}}`;
    const authorization = `Bearer ${await berth.signIn('admin', berth.admin.password)}`;
    const headers = { 'content-type': 'application/json', authorization };
    expect((await send(berth.url, users, { method: 'POST', headers, body })).status).toBe(400);
    expect((await berth.api('GET', `${users}/proto`)).status).toBe(404);
  });

  test.each([
    { role: 'root' },
    { role: null },
    { enabled: 'yes' },
    { enabled: null },
    { username: 'other' },
    { password: 'correct horse battery' },
    { passwordHash: 'x' },
    { mustChangePassword: false },
    { credentialVersion: 9 },
  ])('T21 PATCH %j is refused', async (body) => {
    await addUser(berth, 'fixed').catch(() => undefined); // made by the first row
    const before = (await berth.api('GET', `${users}/fixed`)).body;
    expect((await berth.api('PATCH', `${users}/fixed`, body)).status).toBe(400);
    expect((await berth.api('GET', `${users}/fixed`)).body).toEqual(before);
  });

  test('have one name each', async () => {
    const answer = await berth.api('POST', users, { username: 'admin', role: 'user' });
    expect([answer.status, answer.body.code]).toEqual([409, 'USERNAME_TAKEN']);
  });

  test('B90 keep an administrator', async () => {
    for (const answer of [
      await berth.api('PATCH', `${users}/admin`, { role: 'user' }),
      await berth.api('PATCH', `${users}/admin`, { enabled: false }),
      await berth.api('DELETE', `${users}/admin`),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, 'LAST_ADMIN']);
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1e2',
    'limit=abc',
    'limit=1&limit=2',
    'cursor=%00',
    'cursor=a!',
    'cursor=YQ=',
    'sort=password',
    'q[x]=1',
    'fields=passwordHash',
  ])('T23 the list refuses ?%s', async (query) => {
    expect((await berth.api('GET', `${users}?${query}`)).status).toBe(400);
  });

  test('B88 are nobody else’s business', async () => {
    const routes: [string, string, object?][] = [
      ['GET', users],
      ['POST', users, { username: 'x2', role: 'admin' }],
      ['GET', `${users}/admin`],
      ['GET', `${users}/nobody`],
      ['PATCH', `${users}/plain`, { role: 'admin' }],
      ['DELETE', `${users}/admin`],
      ['POST', `${users}/admin/password-reset`, { password: 'correct horse battery' }],
      ['GET', `${users}/plain/permissions`],
    ];
    for (const [method, path, body] of routes) {
      const denied = await berth.api(method, path, body, plain);
      expect([path, denied.status, denied.body.code]).toEqual([path, 403, 'DENIED']);
      const nobody = await berth.api(method, path, body, null);
      expect([path, nobody.status, nobody.body.code]).toEqual([path, 401, 'UNAUTHORIZED']);
    }
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, plain)).body.role).toBe('user');
  });

  test('have paths that are read as written', async () => {
    for (const name of ['nobody', '%2e%2e', 'a%2Fb', '1e99', '%F0%9F%90%B3'])
      expect((await berth.api('GET', `${users}/${name}`)).status).toBe(404);
    expect((await berth.api('GET', `${users}/%zz`)).status).toBe(400);
    const shouted = await berth.api('GET', '/API/v1/users/nobody');
    expect([shouted.status, shouted.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});
