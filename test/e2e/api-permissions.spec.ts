import { type Berth, startBerth } from '../support/berth.js';
import { addSignedIn, addUser } from '../support/people.js';

let berth: Berth;
let manager: string;
let plain: string;
const permissions = '/api/v1/permissions';

beforeAll(async () => {
  berth = await startBerth();
  manager = await addSignedIn(berth, 'manager', { 'team/*': ['manage'] });
  plain = await addSignedIn(berth, 'plain', { 'team/app': ['pull'] });
  for (const name of ['team/app', 'team/api', 'other/app'])
    await berth.api('POST', '/api/v1/repositories', { name, visibility: 'private' });
});

afterAll(() => berth.stop());

const body = (name: string, pattern: unknown, actions: unknown) => ({
  subject: { type: 'user', name },
  pattern,
  actions,
});

describe('grants', () => {
  test('are made, shown, changed and removed', async () => {
    await addUser(berth, 'ann');
    const made = await berth.api('POST', permissions, body('ann', 'team/app', ['push', 'pull']));
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`${permissions}/${made.body.id}`);
    expect(made.body).toEqual({
      id: expect.any(Number),
      subject: { type: 'user', name: 'ann' },
      pattern: 'team/app',
      actions: ['pull', 'push'],
      createdAt: expect.any(String),
    });
    const path = `${permissions}/${made.body.id}`;
    expect((await berth.api('GET', path)).body).toEqual(made.body);
    expect((await berth.api('PATCH', path, { actions: ['delete'] })).body).toEqual({
      ...made.body,
      actions: ['delete'],
    });
    expect((await berth.api('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await berth.api(method, path)).status).toBe(404);
  });

  test('are one for each subject and pattern', async () => {
    await addUser(berth, 'bob');
    const first = await berth.api('PUT', permissions, body('bob', 'team/*', ['pull']));
    const again = await berth.api('PUT', permissions, body('bob', 'team/*', ['pull']));
    const changed = await berth.api('PUT', permissions, body('bob', 'team/*', ['push']));
    expect([first.status, again.status, changed.status]).toEqual([201, 200, 200]);
    expect(again.body).toEqual(first.body);
    expect(changed.body).toEqual({ ...first.body, actions: ['push'] });
    const twice = await berth.api('POST', permissions, body('bob', 'team/*', ['delete']));
    expect([twice.status, twice.body.code]).toEqual([409, 'CONFLICT']);
    expect((await berth.api('GET', `${permissions}?user=bob`)).body.items).toEqual([changed.body]);
  });

  test('are listed by user, by repository and page by page', async () => {
    await addUser(berth, 'zoe', { 'list/*': ['pull'], 'list/app': ['push'], '*': ['pull'] });
    const patterns = async (query: string) =>
      (await berth.api('GET', `${permissions}?${query}`)).body.items.map(({ pattern }: { pattern: string }) => pattern);
    expect(await patterns('user=zoe')).toEqual(['list/*', 'list/app', '*']);
    expect(await patterns('user=zoe&repository=list/app')).toEqual(['list/*', 'list/app', '*']);
    expect(await patterns('user=zoe&repository=list/other')).toEqual(['list/*', '*']);
    const first = (await berth.api('GET', `${permissions}?user=zoe&limit=2`)).body;
    expect(first.items).toHaveLength(2);
    expect(await patterns(`user=zoe&limit=2&cursor=${first.nextCursor}`)).toEqual(['*']);
    expect((await berth.api('GET', '/api/v1/users/zoe/permissions')).body.items).toHaveLength(3);
    await berth.api('POST', '/api/v1/repositories', { name: 'list/app', visibility: 'private' });
    const { body: rights } = await berth.api('GET', '/api/v1/repositories/list%2Fapp/permissions');
    expect(rights.items).toMatchObject([{ subject: { type: 'user', name: 'zoe' }, actions: ['pull', 'push'] }]);
    expect(rights.items[0].grants).toHaveLength(3);
    await berth.api('DELETE', '/api/v1/repositories/list%2Fapp');
  });

  test('show everybody their own', async () => {
    const own = await berth.api('GET', '/api/v1/auth/permissions', undefined, plain);
    expect(own.body).toMatchObject({ role: 'user', items: [{ pattern: 'team/app', actions: ['pull'] }] });
    expect((await berth.api('GET', '/api/v1/auth/permissions')).body).toEqual({ role: 'admin', items: [] });
  });

  test.each<[string, unknown, number]>([
    ['an unknown user', body('nobody', 'team/app', ['pull']), 404],
    ['no action', body('plain', 'team/app', []), 400],
    ['every action by a star', body('plain', 'team/app', ['*']), 400],
    ['a made-up action', body('plain', 'team/app', ['admin']), 400],
    ['an action twice', body('plain', 'team/app', ['pull', 'pull']), 400],
    ['actions that are no list', body('plain', 'team/app', 'pull'), 400],
    ['two stars', body('plain', '**', ['pull']), 400],
    ['a star in the middle', body('plain', 'team/*/app', ['pull']), 400],
    ['upper case', body('plain', 'Team/app', ['pull']), 400],
    ['a path', body('plain', '../app', ['pull']), 400],
    ['a pattern that is no text', body('plain', { $gt: '' }, ['pull']), 400],
    ['an unknown group', { ...body('plain', 'team/app', ['pull']), subject: { type: 'group', name: 'x' } }, 404],
    ['an unknown robot', { ...body('plain', 'team/app', ['pull']), subject: { type: 'robot', name: 'x+y' } }, 404],
    ['a type nobody has', { ...body('plain', 'team/app', ['pull']), subject: { type: 'team', name: 'x' } }, 400],
    ['a subject that is a text', { ...body('plain', 'team/app', ['pull']), subject: 'plain' }, 400],
    [
      'a field too many in the subject',
      { ...body('plain', 'team/app', ['pull']), subject: { type: 'user', name: 'plain', id: 1 } },
      400,
    ],
    ['a field too many', { ...body('plain', 'team/app', ['pull']), createdBy: 1 }, 400],
    ['a list', [body('plain', 'team/app', ['pull'])], 400],
  ])('B91 %s is refused', async (_name, given, status) => {
    for (const method of ['POST', 'PUT']) expect((await berth.api(method, permissions, given)).status).toBe(status);
  });

  test.each(['0', '-1', '1e3', '1.5', 'abc', '1;drop', '99999999999999999999', '0x1'])(
    'B88 the id %s is refused',
    async (id) => {
      for (const method of ['GET', 'DELETE'])
        expect((await berth.api(method, `${permissions}/${id}`)).status).toBe(400);
    },
  );

  test('an id nobody has is not found', async () => {
    expect((await berth.api('GET', `${permissions}/999999`)).status).toBe(404);
  });
});

describe('who manages a namespace', () => {
  test('grants within it and nowhere else', async () => {
    await addUser(berth, 'guest');
    for (const pattern of ['team/app', 'team/*', 'team/sub/*'])
      expect((await berth.api('PUT', permissions, body('guest', pattern, ['pull']), manager)).status).toBe(201);
    for (const pattern of ['other/app', 'teams/app', '*', 'team'])
      expect((await berth.api('PUT', permissions, body('guest', pattern, ['pull']), manager)).status).toBe(403);
  });

  test('T22 does not see, change or remove grants outside of it', async () => {
    await addUser(berth, 'elsewhere', { 'other/app': ['pull'] });
    const { body: list } = await berth.api('GET', `${permissions}?user=elsewhere`);
    const path = `${permissions}/${list.items[0].id}`;
    for (const [method, given] of [['GET'], ['PATCH', { actions: ['manage'] }], ['DELETE']] as const)
      expect((await berth.api(method, path, given, manager)).status).toBe(404);
    expect((await berth.api('GET', permissions, undefined, manager)).status).toBe(403);
    expect((await berth.api('GET', `${permissions}?repository=other/app`, undefined, manager)).status).toBe(403);
    expect((await berth.api('GET', `${permissions}?repository=team/app`, undefined, manager)).status).toBe(200);
  });

  test('is not everybody', async () => {
    const { body: list } = await berth.api('GET', `${permissions}?user=plain`);
    for (const [method, path, given] of [
      ['GET', permissions],
      ['GET', `${permissions}?repository=team/app`],
      ['GET', `${permissions}/${list.items[0].id}`],
      ['POST', permissions, body('plain', 'team/app', ['manage'])],
      ['PUT', permissions, body('plain', 'team/app', ['manage'])],
      ['PATCH', `${permissions}/${list.items[0].id}`, { actions: ['manage'] }],
      ['DELETE', `${permissions}/${list.items[0].id}`],
      ['GET', `${permissions}/preview?pattern=team/*`],
      ['GET', '/api/v1/repositories/team%2Fapp/permissions'],
    ] as const) {
      const answer = await berth.api(method, path, given, plain);
      expect([403, 404]).toContain(answer.status);
      expect((await berth.api(method, path, given, null)).status).toBe(401);
    }
    expect((await berth.api('GET', '/api/v1/auth/permissions', undefined, plain)).body.items[0].actions).toEqual([
      'pull',
    ]);
  });
});

describe('asking', () => {
  test('how many repositories a pattern matches', async () => {
    const count = async (pattern: string) =>
      (await berth.api('GET', `${permissions}/preview?pattern=${pattern}`)).body.repositories;
    const { body: preview } = await berth.api('GET', `${permissions}/preview?pattern=team/*`);
    expect(preview).toEqual({ pattern: 'team/*', repositories: 2, names: ['team/api', 'team/app'] });
    expect(await count('team/*')).toBe(2);
    expect(await count('team/app')).toBe(1);
    expect(await count('team/none')).toBe(0);
    expect(await count('*')).toBe(3);
    expect((await berth.api('GET', `${permissions}/preview?pattern=**`)).status).toBe(400);
    expect((await berth.api('GET', `${permissions}/preview`)).status).toBe(400);
  });

  test('what somebody may do and which rule says so', async () => {
    const explain = (query: string, token?: string) =>
      berth.api('GET', `${permissions}/explain?${query}`, undefined, token);
    const about = await explain('user=plain&repository=team/app');
    expect(about.body).toMatchObject({
      user: 'plain',
      repository: 'team/app',
      actions: {
        pull: { allowed: true, reasons: [{ rule: 'grant', pattern: 'team/app', action: 'pull' }] },
        push: { allowed: false, reasons: [] },
      },
    });
    const one = await explain('repository=team/app&action=push', plain);
    expect(one.body).toEqual({
      user: 'plain',
      repository: 'team/app',
      actions: {
        push: {
          allowed: false,
          reasons: [],
          missing: { need: 'grant', action: 'push', patterns: ['team/app', 'team/*', '*'] },
        },
      },
    });
    expect((await explain('user=plain&repository=team/app', manager)).status).toBe(200);
    expect((await explain('user=plain&repository=other/app', manager)).status).toBe(403);
    expect((await explain('user=admin&repository=team/app', plain)).status).toBe(403);
    expect((await explain('user=nobody&repository=team/app')).status).toBe(404);
    expect((await explain('repository=Team')).status).toBe(400);
    expect((await explain('repository=team/app&action=fly')).status).toBe(400);
  });
});
