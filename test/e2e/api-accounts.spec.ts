import { type Berth, startBerth } from '../support/berth.js';
import { addSignedIn, addUser } from '../support/people.js';

let berth: Berth;
let manager: string;
let plain: string;
const groups = '/api/v1/groups';
const robots = '/api/v1/robots';
const tokens = '/api/v1/tokens';

beforeAll(async () => {
  berth = await startBerth();
  manager = await addSignedIn(berth, 'manager', { 'team/*': ['manage'] });
  plain = await addSignedIn(berth, 'plain');
});

afterAll(() => berth.stop());

const cursor = (place: string) => Buffer.from(place).toString('base64url');

describe('groups', () => {
  test('are made, shown, changed and removed', async () => {
    const made = await berth.api('POST', groups, { name: 'crew', description: 'night shift' });
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`${groups}/crew`);
    const times = { createdAt: expect.any(String), updatedAt: expect.any(String) };
    expect(made.body).toEqual({ name: 'crew', description: 'night shift', memberCount: 0, ...times });
    expect((await berth.api('GET', `${groups}/crew`)).body).toEqual(made.body);
    expect((await berth.api('PATCH', `${groups}/crew`, { description: '' })).body.description).toBe('');
    expect((await berth.api('POST', groups, { name: 'crew' })).body.code).toBe('CONFLICT');
    expect((await berth.api('DELETE', `${groups}/crew`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await berth.api(method, `${groups}/crew`)).status).toBe(404);
  });

  test('have members, who are put twice without harm', async () => {
    await berth.api('POST', groups, { name: 'members' });
    for (const name of ['plain', 'manager', 'plain'])
      expect((await berth.api('PUT', `${groups}/members/members/${name}`)).status).toBe(204);
    const list = await berth.api('GET', `${groups}/members/members?limit=1`);
    expect(list.body.items.map(({ username }: { username: string }) => username)).toEqual(['manager']);
    const rest = await berth.api('GET', `${groups}/members/members?cursor=${list.body.nextCursor}`);
    expect(rest.body.items.map(({ username }: { username: string }) => username)).toEqual(['plain']);
    expect((await berth.api('GET', '/api/v1/users/plain/groups')).body.items).toEqual([
      expect.objectContaining({ name: 'members', memberCount: 2 }),
    ]);
    expect((await berth.api('DELETE', `${groups}/members/members/plain`)).status).toBe(204);
    expect((await berth.api('DELETE', `${groups}/members/members/plain`)).status).toBe(404);
    expect((await berth.api('PUT', `${groups}/members/members/nobody`)).status).toBe(404);
    expect((await berth.api('PUT', `${groups}/nothing/members/plain`)).status).toBe(404);
    expect((await berth.api('GET', `${groups}/nothing/members`)).status).toBe(404);
  });

  test.each([
    {},
    { name: 'Crew' },
    { name: 'a b' },
    { name: '' },
    { name: 5 },
    { name: 'x'.repeat(65) },
    { name: 'everyone' },
    { name: 'ｃrew' },
    { name: 'ok1', id: 1 },
    { name: 'ok1', memberCount: 5 },
    { name: 'ok1', members: ['admin'] },
    { name: 'ok1', description: null },
  ])('T21 POST %j is refused', async (body) => {
    expect((await berth.api('POST', groups, body)).status).toBe(400);
  });

  test('B88 are nobody else’s business', async () => {
    for (const [method, path, body] of [
      ['GET', groups],
      ['POST', groups, { name: 'x2' }],
      ['GET', `${groups}/members`],
      ['PATCH', `${groups}/members`, {}],
      ['DELETE', `${groups}/members`],
      ['GET', `${groups}/members/members`],
      ['PUT', `${groups}/members/members/plain`],
      ['DELETE', `${groups}/members/members/plain`],
      ['GET', '/api/v1/users/plain/groups'],
    ] as const) {
      expect([path, (await berth.api(method, path, body, plain)).status]).toEqual([path, 403]);
      expect([path, (await berth.api(method, path, body, null)).status]).toEqual([path, 401]);
    }
  });
});

describe('robots', () => {
  test('are made by who manages the namespace; the secret is told once', async () => {
    const made = await berth.api('POST', robots, { namespace: 'team', name: 'ci' }, manager);
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`${robots}/team%2Bci`);
    expect(made.body).toMatchObject({ name: 'team+ci', namespace: 'team', enabled: true, expiresAt: null });
    expect(made.body.secret).toMatch(/^berth_rob_[0-9A-Za-z]{36}$/);
    const shown = await berth.api('GET', `${robots}/team%2Bci`, undefined, manager);
    const { secret, ...rest } = made.body;
    expect(shown.body).toEqual(rest);
    expect(shown.body.secrets).toEqual([expect.objectContaining({ hint: secret.slice(-4), lastUsedAt: null })]);
    expect((await berth.api('GET', `${robots}?namespace=team`, undefined, manager)).body.items).toEqual([rest]);
    expect((await berth.api('GET', robots)).body.items).toEqual([rest]);
  });

  test('have two secrets at most', async () => {
    await berth.api('POST', robots, { namespace: 'two/sub', name: 'ci' });
    const path = `${robots}/${encodeURIComponent('two/sub+ci')}`;
    const second = await berth.api('POST', `${path}/secrets`, { expiresAt: '2099-01-31T12:00:00+02:00' });
    expect(second.status).toBe(201);
    expect(second.body).toEqual({ id: expect.any(Number), secret: expect.stringMatching(/^berth_rob_/) });
    expect((await berth.api('POST', `${path}/secrets`)).body.code).toBe('CONFLICT');
    const { body } = await berth.api('GET', path);
    expect(body.secrets.map(({ expiresAt }: { expiresAt: string }) => expiresAt)).toEqual([
      null,
      '2099-01-31T10:00:00.000Z',
    ]);
    expect((await berth.api('DELETE', `${path}/secrets/${body.secrets[0].id}`)).status).toBe(204);
    expect((await berth.api('DELETE', `${path}/secrets/${body.secrets[0].id}`)).status).toBe(404);
    expect((await berth.api('DELETE', `${robots}/team%2Bci/secrets/${second.body.id}`)).status).toBe(404);
    expect((await berth.api('POST', `${path}/secrets`)).status).toBe(201);
  });

  test('are changed and removed', async () => {
    await berth.api('POST', robots, { namespace: 'team', name: 'changed' });
    const path = `${robots}/team%2Bchanged`;
    const last = { expiresAt: '9999-12-31T23:59:59.999Z' };
    expect((await berth.api('PATCH', path, { expiresAt: '9999-12-31T23:59:59-00:01' }, manager)).status).toBe(400);
    expect((await berth.api('PATCH', path, last, manager)).body).toMatchObject(last);
    const changes = { description: 'nightly', enabled: false, expiresAt: '2099-01-01T00:00:00Z' };
    const changed = await berth.api('PATCH', path, changes, manager);
    expect(changed.body).toMatchObject({ ...changes, expiresAt: '2099-01-01T00:00:00.000Z' });
    expect((await berth.api('PATCH', path, { expiresAt: null }, manager)).body.expiresAt).toBeNull();
    expect((await berth.api('DELETE', path, undefined, manager)).status).toBe(204);
    expect((await berth.api('GET', path)).status).toBe(404);
  });

  test('T22 of another namespace do not exist', async () => {
    const made = await berth.api('POST', robots, { namespace: 'other', name: 'ci' });
    const path = `${robots}/other%2Bci`;
    for (const token of [manager, plain])
      for (const [method, end, body] of [
        ['GET', ''],
        ['PATCH', '', { enabled: false }],
        ['DELETE', ''],
        ['POST', '/secrets'],
        ['DELETE', `/secrets/${made.body.secrets[0].id}`],
      ] as const)
        expect((await berth.api(method, `${path}${end}`, body, token)).status).toBe(404);
    for (const namespace of ['other', 'teams'])
      expect((await berth.api('POST', robots, { namespace, name: 'x' }, manager)).status).toBe(403);
    expect((await berth.api('GET', robots, undefined, manager)).status).toBe(403);
    expect((await berth.api('GET', `${robots}?namespace=other`, undefined, manager)).status).toBe(403);
    expect((await berth.api('GET', robots, undefined, null)).status).toBe(401);
  });

  test.each([
    { namespace: 'team' },
    { namespace: 'team', name: 'CI' },
    { namespace: 'team', name: 'a+b' },
    { namespace: 'Team', name: 'ci' },
    { namespace: '', name: 'ci' },
    { namespace: '*', name: 'ci' },
    { namespace: 'team/', name: 'ci' },
    { namespace: 'team', name: 'ci2', secret: 'mine' },
    { namespace: 'team', name: 'ci2', role: 'admin' },
    { namespace: 'team', name: 'ci2', expiresAt: '2020-01-01T00:00:00Z' },
    { namespace: 'team', name: 'ci2', expiresAt: '2099-02-31T00:00:00Z' },
    { namespace: 'team', name: 'ci2', expiresAt: '2099-01-01' },
    { namespace: 'team', name: 'ci2', expiresAt: 4_070_908_800 },
    { namespace: 'team', name: 'ci2', expiresAt: '' },
    { namespace: 'team', name: 'ci2', expiresAt: '9999-12-31T23:59:59-12:00' },
  ])('T21 POST %j is refused', async (body) => {
    const answer = await berth.api('POST', robots, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });
});

describe('access tokens', () => {
  test('are made, shown without the secret, rotated and removed', async () => {
    const scopes = [{ pattern: 'team/*', actions: ['pull'] }];
    const made = await berth.api('POST', tokens, { name: 'laptop', scopes }, plain);
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`${tokens}/${made.body.id}`);
    expect(made.body.secret).toMatch(/^berth_pat_[0-9A-Za-z]{36}$/);
    const { secret, ...rest } = made.body;
    expect(rest).toMatchObject({ user: 'plain', name: 'laptop', scopes, hint: secret.slice(-4), expiresAt: null });
    const path = `${tokens}/${made.body.id}`;
    expect((await berth.api('GET', path, undefined, plain)).body).toEqual(rest);
    expect((await berth.api('GET', tokens, undefined, plain)).body.items).toEqual([rest]);
    const rotated = await berth.api('POST', `${path}/rotate`, undefined, plain);
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(secret);
    expect((await berth.api('DELETE', path, undefined, plain)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await berth.api(method, path, undefined, plain)).status).toBe(404);
  });

  test('T22 of somebody else do not exist; an admin sees and removes them and never learns a secret', async () => {
    const made = await berth.api('POST', tokens, { name: 'mine' }, plain);
    const path = `${tokens}/${made.body.id}`;
    for (const [method, end] of [
      ['GET', ''],
      ['POST', '/rotate'],
      ['DELETE', ''],
    ] as const)
      expect((await berth.api(method, `${path}${end}`, undefined, manager)).status).toBe(404);
    expect((await berth.api('GET', tokens, undefined, manager)).body.items).toEqual([]);
    expect((await berth.api('GET', `${tokens}?user=plain`, undefined, manager)).status).toBe(403);
    expect((await berth.api('GET', `${tokens}?user=plain`)).body.items).toHaveLength(1);
    expect((await berth.api('GET', `${tokens}?user=nobody`)).status).toBe(404);
    expect((await berth.api('POST', `${path}/rotate`)).status).toBe(403);
    expect((await berth.api('DELETE', path)).status).toBe(204);
    expect((await berth.api('GET', tokens, undefined, null)).status).toBe(401);
  });

  test.each([
    {},
    { name: '' },
    { name: ' x' },
    { name: 'ｌaptop' },
    { name: 'a\u202eb' },
    { name: 'x', userId: 1 },
    { name: 'x', user: 'admin' },
    { name: 'x', secret: 'berth_pat_x' },
    { name: 'x', scopes: 'all' },
    { name: 'x', scopes: [{ pattern: '**', actions: ['pull'] }] },
    { name: 'x', scopes: [{ pattern: 'team/*', actions: [] }] },
    { name: 'x', scopes: [{ pattern: 'team/*', actions: ['admin'] }] },
    { name: 'x', scopes: [{ pattern: 'team/*', actions: ['pull'], id: 1 }] },
    { name: 'x', scopes: [null] },
    { name: 'x', scopes: Array.from({ length: 51 }, () => ({ pattern: 'a', actions: ['pull'] })) },
    { name: 'x', expiresAt: 'tomorrow' },
    { name: 'x', expiresAt: '9999-12-31T23:59:59-12:00' },
  ])('T21 POST %j is refused', async (body) => {
    const answer = await berth.api('POST', tokens, body, plain);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });
});

test('T23 the cursor of another list is refused', async () => {
  await berth.api('POST', '/api/v1/repositories', { name: 'cursors', visibility: 'private' });
  for (const [path, place] of [
    ['/api/v1/users', '../x'],
    ['/api/v1/users', 'team/app'],
    ['/api/v1/users/admin/permissions', 'abc'],
    ['/api/v1/repositories', 'Upper'],
    ['/api/v1/repositories/cursors/permissions', '-1'],
    [groups, 'a/b'],
    [robots, 'nobody'],
    [tokens, '1e3'],
  ] as const)
    expect([path, (await berth.api('GET', `${path}?cursor=${cursor(place)}`)).status]).toEqual([path, 400]);
});

test('a repository that is missing is NOT_FOUND to who manages its name', async () => {
  for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']] as const) {
    const answer = await berth.api(method, '/api/v1/repositories/team%2Fmissing', body, manager);
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  }
});

test('who failed too often may try again when an admin says so', async () => {
  const limited = await startBerth({ env: { BERTH_LOGIN_FAILURES: '2' } });
  try {
    const who = await addUser(limited, 'locked');
    const login = (password: string) =>
      limited.api('POST', '/api/v1/auth/login', { username: who.username, password }, null);
    for (const _ of [1, 2]) expect((await login('wrong')).status).toBe(401);
    expect((await login(who.password)).status).toBe(429);
    expect((await limited.api('POST', '/api/v1/users/locked/unlock')).status).toBe(204);
    const token = (await login(who.password)).body.accessToken;
    expect((await limited.api('POST', '/api/v1/users/locked/unlock', undefined, token)).status).toBe(403);
    expect((await limited.api('POST', '/api/v1/users/nobody/unlock')).status).toBe(404);
  } finally {
    await limited.stop();
  }
});

test('a change without a body changes nothing', async () => {
  await addUser(berth, 'bodiless');
  await berth.api('POST', groups, { name: 'bodiless' });
  await berth.api('POST', robots, { namespace: 'bodiless', name: 'ci' });
  await berth.api('POST', '/api/v1/repositories', { name: 'bodiless', visibility: 'private' });
  for (const path of [
    '/api/v1/users/bodiless',
    `${groups}/bodiless`,
    `${robots}/bodiless%2Bci`,
    '/api/v1/repositories/bodiless',
  ])
    expect([path, (await berth.api('PATCH', path)).status]).toEqual([path, 200]);
  for (const path of [groups, robots, tokens]) expect((await berth.api('POST', path)).status).toBe(400);
});
