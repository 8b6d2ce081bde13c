import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addSignedIn } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let registry: RegistryClient;
const tokens: Record<string, string> = {};
const repositories = '/api/v1/repositories';

beforeAll(async () => {
  berth = await startBerth();
  const grants = {
    stranger: {},
    reader: { 'team/*': ['pull'] },
    pusher: { 'team/*': ['push'] },
    deleter: { 'team/*': ['delete'] },
    manager: { 'team/*': ['manage'] },
  } as const;
  for (const [name, given] of Object.entries(grants)) {
    tokens[name] = await addSignedIn(berth, name, given);
  }
  registry = await RegistryClient.open(berth.url, berth.admin);
});

afterAll(() => berth.stop());

const names = (answer: { body: { items: { name: string }[] } }) => answer.body.items.map(({ name }) => name);

describe('repositories', () => {
  test('are created by who may push, and opened by who manages', async () => {
    const as = (who: string, visibility: string) =>
      berth.api('POST', repositories, { name: `team/by-${who}-${visibility}`, visibility }, tokens[who]);
    const created = await as('pusher', 'private');
    expect(created.status).toBe(201);
    expect(created.headers.location).toBe(`${repositories}/team%2Fby-pusher-private`);
    expect(created.body).toEqual({
      name: 'team/by-pusher-private',
      description: '',
      visibility: 'private',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      pushedAt: null,
    });
    expect((await as('pusher', 'public')).status).toBe(403);
    expect((await as('manager', 'internal')).status).toBe(201);
    for (const who of ['stranger', 'reader', 'deleter']) expect((await as(who, 'private')).status).toBe(403);
    expect(
      (await berth.api('POST', repositories, { name: 'team/by-pusher-private', visibility: 'private' }, tokens.pusher))
        .body.code,
    ).toBe('REPOSITORY_EXISTS');
  });

  test('have the names of the specification', async () => {
    for (const name of ['Team/app', 'team//app', '/team', 'team/', '-team', 'team/.git', 'a/../b', 'x'.repeat(256)]) {
      const answer = await berth.api('POST', repositories, { name, visibility: 'private' });
      expect([name, answer.status]).toEqual([name, 400]);
    }
  });

  test('are changed by who manages them', async () => {
    await berth.api('POST', repositories, { name: 'team/changed', visibility: 'private' });
    const path = `${repositories}/team%2Fchanged`;
    const answer = await berth.api('PATCH', path, { description: 'ours', visibility: 'internal' }, tokens.manager);
    expect([answer.status, answer.body.description, answer.body.visibility]).toEqual([200, 'ours', 'internal']);
    expect((await berth.api('PATCH', path, { description: 'mine' }, tokens.pusher)).status).toBe(403);
    for (const body of [{ name: 5 }, { id: 1 }, { ownerId: 1 }, { visibility: 'secret' }, { description: 5 }])
      expect((await berth.api('PATCH', path, body, tokens.manager)).status).toBe(400);
  });

  test('are removed with what is in them', async () => {
    await registry.push('team/removed', 'v1', buildImage({ seed: 'removed', layers: [10] }));
    const path = `${repositories}/team%2Fremoved`;
    expect((await berth.api('DELETE', path, undefined, tokens.deleter)).status).toBe(403);
    expect((await berth.api('DELETE', path, undefined, tokens.manager)).status).toBe(204);
    expect((await berth.api('GET', path)).status).toBe(404);
    expect((await registry.getManifest('team/removed', 'v1')).status).toBe(404);
  });

  test('are listed to who may pull them, page by page', async () => {
    for (const name of ['list/a', 'list/b', 'list/c'])
      await berth.api('POST', repositories, { name, visibility: name === 'list/b' ? 'internal' : 'private' });
    expect(names(await berth.api('GET', `${repositories}?q=list/`))).toEqual(['list/a', 'list/b', 'list/c']);
    expect(names(await berth.api('GET', `${repositories}?q=list/`, undefined, tokens.stranger))).toEqual(['list/b']);
    const first = await berth.api('GET', `${repositories}?q=list/&limit=2`);
    const second = await berth.api('GET', `${repositories}?q=list/&limit=2&cursor=${first.body.nextCursor}`);
    expect([names(first), names(second)]).toEqual([['list/a', 'list/b'], ['list/c']]);
    expect((await berth.api('GET', repositories, undefined, null)).status).toBe(401);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    for (const name of ['sorted/b', 'sorted/a', 'sorted/c'])
      await berth.api('POST', repositories, { name, visibility: 'private' });
  });
  const sorted = (query: string) => berth.api('GET', `${repositories}?q=sorted/${query}`);

  test('come in an order of a few, which are named to whoever asks for another', async () => {
    expect(names(await sorted('&sort=-name'))).toEqual(['sorted/c', 'sorted/b', 'sorted/a']);
    expect(names(await sorted('&sort=createdAt'))).toEqual(['sorted/b', 'sorted/a', 'sorted/c']);
    const first = await sorted('&sort=-createdAt&limit=1');
    const second = await sorted(`&sort=-createdAt&limit=2&cursor=${first.body.nextCursor}`);
    expect([names(first), names(second)]).toEqual([['sorted/c'], ['sorted/a', 'sorted/b']]);
    for (const sort of ['size', '--name', '', 'name,pushedAt', 'visibility; DROP TABLE users', 'constructor']) {
      const answer = await sorted(`&sort=${encodeURIComponent(sort)}`);
      expect([sort, answer.status]).toEqual([sort, 400]);
      expect(answer.body.errors[0].pointer).toBe('/sort');
      expect(answer.body.errors[0].message).toContain('name, -name, pushedAt, -pushedAt, createdAt, -createdAt');
    }
    expect((await sorted(`&sort=name&cursor=${first.body.nextCursor}`)).status).toBe(400);
  });

  test('say how long they are, and where the API is described', async () => {
    const page = await sorted('&limit=1');
    expect(page.headers['x-total-count']).toBe('3');
    expect(page.body).not.toHaveProperty('total');
    expect(page.headers.link).toMatch(/^<[^>]+>; rel="next", <\/api\/openapi\.json>; rel="service-desc"/);
    const asManager = await berth.api('GET', `${repositories}?q=sorted/`, undefined, tokens.manager);
    expect(asManager.headers['x-total-count']).toBe('0');
    for (const path of [repositories, '/api/v1/nothing', '/api/v1/auth/me'])
      expect((await berth.api('GET', path, undefined, null)).headers.link).toContain('rel="service-desc"');
  });
});

describe('programs create repositories', () => {
  const create = (name: string, visibility: string, secret: string) =>
    berth.api('POST', repositories, { name, visibility }, secret);

  test('a robot where it may push', async () => {
    const { body } = await berth.api('POST', '/api/v1/robots', { namespace: 'team', name: 'maker' });
    const subject = { type: 'robot', name: 'team+maker' };
    await berth.api('POST', '/api/v1/permissions', { subject, pattern: 'team/*', actions: ['push'] });
    expect((await create('team/by-robot', 'private', body.secret)).status).toBe(201);
    expect((await create('team/by-robot-2', 'public', body.secret)).status).toBe(403);
    expect((await create('other/by-robot', 'private', body.secret)).status).toBe(403);
  });

  test('a narrowed token where it is for pushing, and no further', async () => {
    const scopes = [{ pattern: 'team/scope/*', actions: ['push'] }];
    const { body } = await berth.api('POST', '/api/v1/tokens', { name: 'maker', scopes });
    expect((await create('team/scope/a', 'private', body.secret)).status).toBe(201);
    expect((await create('team/scope/b', 'public', body.secret)).status).toBe(403);
    expect((await create('team/outside', 'private', body.secret)).status).toBe(403);
    expect((await berth.api('GET', `${repositories}/team%2Foutside`)).status).toBe(404);
  });
});

describe('T14 a repository that somebody may not see', () => {
  const strip = ({ status, headers, body }: Answer) => {
    const { date: _date, 'x-request-id': _id, ...rest } = headers;
    return {
      status,
      headers: rest,
      body: body
        .toString()
        .replace(/"requestId":"[^"]+"/, '')
        .replaceAll(/hidden|absent/g, 'name'),
    };
  };

  beforeAll(() => registry.push('secret/hidden', 'v1', buildImage({ seed: 'hidden', layers: [10] })));

  const digest = `sha256:${'0'.repeat(64)}`;
  test.each<[string, string, object | undefined]>([
    ['GET', '', undefined],
    ['PATCH', '', { visibility: 'public' }],
    ['DELETE', '', undefined],
    ['GET', '/permissions', undefined],
    ['GET', '/tags', undefined],
    ['GET', '/tags/v1', undefined],
    ['DELETE', '/tags/v1', undefined],
    ['PUT', '/tags/v1', { reference: 'v1' }],
    ['GET', '/tags/v1/history', undefined],
    ['POST', '/tags:delete', { names: ['v1'] }],
    ['GET', `/manifests/${digest}`, undefined],
    ['GET', `/manifests/${digest}/raw`, undefined],
    ['DELETE', `/manifests/${digest}`, undefined],
  ])('%s %s answers as one that does not exist', async (method, path, body) => {
    for (const token of [tokens.stranger, undefined]) {
      const ask = (name: string) =>
        send(berth.url, `${repositories}/secret%2F${name}${path}`, {
          method,
          headers: {
            ...(body && { 'content-type': 'application/json' }),
            ...(token && { authorization: `Bearer ${token}` }),
          },
          body: body && JSON.stringify(body),
        });
      const [hidden, absent] = [strip(await ask('hidden')), strip(await ask('absent'))];
      expect(hidden.status).toBe(token ? 404 : 401);
      expect(hidden).toEqual(absent);
    }
  });

  test('cannot be probed by creating, explaining or granting', async () => {
    for (const [method, path, body] of [
      ['POST', repositories, (name: string) => ({ name, visibility: 'private' })],
      [
        'POST',
        '/api/v1/permissions',
        (name: string) => ({ subject: { type: 'user', name: 'stranger' }, pattern: name, actions: ['pull'] }),
      ],
    ] as const) {
      const [hidden, absent] = await Promise.all(
        ['secret/hidden', 'secret/absent'].map((name) => berth.api(method, path, body(name), tokens.stranger)),
      );
      expect([hidden?.status, hidden?.body.code]).toEqual([403, 'DENIED']);
      expect([absent?.status, absent?.body.code]).toEqual([403, 'DENIED']);
    }
  });
});
