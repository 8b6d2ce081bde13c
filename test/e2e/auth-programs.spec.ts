import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, jsonOf, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { addAccessToken, addRobot, type Issued } from '../support/programs.js';
import { accessOf, askRealm, claimsOf } from '../support/realm.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let whole: Issued;
let narrow: Issued;
let robot: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'], 'other/*': ['push'] });
  whole = await addAccessToken(berth, ann, 'whole');
  narrow = await addAccessToken(berth, ann, 'narrow', [{ pattern: 'team/app', actions: ['pull'] }]);
  robot = await addRobot(berth, 'ci', { 'team/*': ['push'] });
  for (const name of ['team/app', 'other/app', 'secret/app'])
    await berth.api('POST', '/api/v1/repositories', { name, visibility: 'private' });
});

afterAll(() => berth.stop());

const everything = 'repository:team/app:* repository:other/app:* repository:secret/app:*';
const authorization = ({ username, password }: Credentials) => basic(username, password);

function get(who: Credentials, scope = everything, more: Record<string, string> = {}): Promise<Answer> {
  return askRealm(berth, new URLSearchParams({ service: 'berth', scope, ...more }), who);
}

function post(form: Record<string, string>): Promise<Answer> {
  return send(berth.url, '/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ service: 'berth', ...form }).toString(),
  });
}

const postPassword = (who: Credentials, scope = everything) => post({ grant_type: 'password', ...who, scope });

function rest(path: string, header: string | undefined, method = 'GET', body?: object): Promise<Answer> {
  return send(berth.url, `/api/v1${path}`, {
    method,
    headers: { ...(header && { authorization: header }), ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
}

const tagsStatus = async (name: string, header: string) =>
  (await send(berth.url, `/v2/${name}/tags/list`, { headers: { authorization: header } })).status;

describe('the realm, by GET and by POST', () => {
  test.each<[string, () => Credentials, string[]]>([
    [
      'a personal access token has its owner’s rights',
      () => whole,
      ['repository:team/app:pull,push,delete', 'repository:other/app:pull,push'],
    ],
    ['a narrowed one has less', () => narrow, ['repository:team/app:pull']],
    ['a robot has its own', () => robot, ['repository:team/app:pull,push']],
  ])('%s', async (_name, who, expected) => {
    for (const answer of [await get(who()), await postPassword(who())]) {
      expect(answer.status).toBe(200);
      expect(accessOf(answer)).toEqual(expected);
      expect(claimsOf(jsonOf(answer).access_token).sub).toBe(who().username);
    }
  });

  test('neither gets a refresh token, whatever it asks for', async () => {
    for (const who of [whole, robot]) {
      const asked = { offline_token: 'true', access_type: 'offline', client_id: 'docker' };
      for (const answer of [await get(who, '', asked), await post({ grant_type: 'password', ...who, ...asked })]) {
        expect(answer.status).toBe(200);
        expect(jsonOf(answer)).not.toHaveProperty('refresh_token');
      }
    }
  });

  test('a secret under another name, an unknown one, and one of a name that is unknown, are told the same', async () => {
    const unknown = 'berth_pat_0000000000000000000000000000000UN2mf';
    const answers = [
      await get({ username: 'admin', password: whole.password }),
      await get({ username: 'ann', password: robot.password }),
      await get({ username: 'team+no', password: robot.password }),
      await get({ username: 'nobody', password: whole.password }),
      await get({ username: 'ann', password: unknown }),
      await postPassword({ username: 'nobody', password: whole.password }),
    ].map(({ status, body }) => ({ status, body: body.toString() }));
    expect(answers[0]?.status).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('B24 the account must be the one who signs in', async () => {
    expect((await get(robot, '', { account: robot.username })).status).toBe(200);
    expect((await get(robot, '', { account: 'ann' })).status).toBe(401);
  });

  test('an account that is empty, or whose plus sign was not escaped, is the one who signs in', async () => {
    const raw = (text: string) => askRealm(berth, `service=berth&scope=repository:team/app:pull&${text}`, robot);
    for (const account of ['account=', 'account=team+ci', 'account=team%20ci', 'account=team%2Bci'])
      expect([account, accessOf(await raw(account))]).toEqual([account, ['repository:team/app:pull']]);
    for (const account of ['account=team', 'account=+', 'account=team++ci', 'account=ann'])
      expect([account, (await raw(account)).status]).toEqual([account, 401]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = `grant_type=password&service=berth&username=${robot.username}&password=${robot.password}`;
    expect((await send(berth.url, '/token', { method: 'POST', headers, body })).status).toBe(200);
  });
});

describe('the registry', () => {
  test('takes secrets as Basic passwords, narrowed', async () => {
    expect(await tagsStatus('team/app', authorization(whole))).toBe(200);
    expect(await tagsStatus('other/app', authorization(whole))).toBe(200);
    expect(await tagsStatus('team/app', authorization(narrow))).toBe(200);
    expect(await tagsStatus('other/app', authorization(narrow))).toBe(403);
    expect(await tagsStatus('team/app', authorization(robot))).toBe(200);
    expect(await tagsStatus('other/app', authorization(robot))).toBe(403);
    expect(await tagsStatus('team/app', basic('bob', whole.password))).toBe(401);
  });

  test('names what a narrowed token lacks', async () => {
    const answer = await send(berth.url, '/v2/team/app/blobs/uploads/', {
      method: 'POST',
      headers: { authorization: authorization(narrow) },
    });
    expect([answer.status, jsonOf(answer).errors[0].message]).toEqual([403, 'push on team/app is not granted to you']);
  });

  test('shows a narrowed token its part of the catalogue', async () => {
    const catalogue = async (who: Credentials) =>
      jsonOf(await send(berth.url, '/v2/_catalog', { headers: { authorization: authorization(who) } })).repositories;
    expect(await catalogue(whole)).toEqual(['other/app', 'team/app']);
    expect(await catalogue(narrow)).toEqual(['team/app']);
    expect(await catalogue(robot)).toEqual(['team/app']);
  });

  test('a robot pulls what is internal', async () => {
    await berth.api('POST', '/api/v1/repositories', { name: 'inner/app', visibility: 'internal' });
    expect(await tagsStatus('inner/app', authorization(robot))).toBe(200);
  });
});

describe('Basic without name and password', () => {
  const headers = { authorization: 'Basic Og==' };

  test('is nobody, who reads what is public and nothing else', async () => {
    await berth.api('POST', '/api/v1/repositories', { name: 'open/app', visibility: 'public' });
    const challenge = await send(berth.url, '/v2/open/app/tags/list', { headers });
    expect([challenge.status, challenge.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Bearer .*scope="repository:open\/app:pull"$/),
    ]);
    const scope = 'repository:open/app:pull,push repository:team/app:pull';
    const answer = await send(berth.url, `/token?${new URLSearchParams({ service: 'berth', scope })}`, { headers });
    expect([answer.status, accessOf(answer)]).toEqual([200, ['repository:open/app:pull']]);
    expect(await tagsStatus('open/app', `Bearer ${jsonOf(answer).token}`)).toBe(200);
    expect((await rest('/repositories/open%2Fapp', headers.authorization)).status).toBe(200);
    expect((await rest('/auth/me', headers.authorization)).status).toBe(401);
    await berth.api('DELETE', '/api/v1/repositories/open%2Fapp');
  });

  test.each(['Basic OmE=', 'Basic YTo='])('with one of the two it is somebody else (%s)', async (authorization) => {
    for (const path of ['/token?service=berth', '/v2/', '/api/v1/repositories'])
      expect([path, (await send(berth.url, path, { headers: { authorization } })).status]).toEqual([path, 401]);
  });
});

describe('the REST API', () => {
  const bearer = ({ password }: Credentials) => `Bearer ${password}`;
  const names = (answer: Answer) => jsonOf(answer).items.map(({ name }: { name: string }) => name);

  test.each([
    ['as a bearer', bearer],
    ['as Basic', authorization],
  ])('takes secrets %s', async (_name, header) => {
    expect(jsonOf(await rest('/auth/me', header(whole))).username).toBe('ann');
    expect(names(await rest('/repositories', header(whole)))).toEqual(['inner/app', 'other/app', 'team/app']);
    expect(names(await rest('/repositories', header(robot)))).toEqual(['inner/app', 'team/app']);
    expect((await rest('/repositories/team%2Fapp', header(narrow))).status).toBe(200);
    expect((await rest('/repositories/other%2Fapp', header(narrow))).status).toBe(404);
    expect(names(await rest('/repositories', header(narrow)))).toEqual(['team/app']);
  });

  test('refuses wrong ones, and passwords, on every route', async () => {
    for (const header of [
      'Bearer berth_pat_wrong',
      basic('bob', whole.password),
      basic(ann.username, ann.password),
      'Basic !!!',
    ])
      for (const path of ['/auth/me', '/repositories', '/users']) expect((await rest(path, header)).status).toBe(401);
  });

  test('says of every password, right or wrong, that none is taken', async () => {
    for (const password of [ann.password, 'wrong']) {
      const { detail } = jsonOf(await rest('/repositories', basic(ann.username, password)));
      expect(detail).toMatch(/^a password is not taken here: .* sign in by POST \/api\/v1\/auth\/login$/);
    }
    expect((await rest('/auth/login', undefined, 'POST', { username: 'ann', password: ann.password })).status).toBe(
      200,
    );
  });

  test('a narrowed token may do nothing that is not about its repositories', async () => {
    const admins = await addAccessToken(berth, berth.admin, 'narrow', [{ pattern: 'team/*', actions: ['manage'] }]);
    const refused: [string, string, object?][] = [
      ['GET', '/users'],
      ['POST', '/users', { username: 'mallory', role: 'admin' }],
      ['POST', '/tokens', { name: 'more' }],
      ['GET', '/tokens'],
      ['GET', '/auth/sessions'],
      ['DELETE', '/auth/sessions'],
      ['POST', '/system/keys:rotate'],
      ['GET', '/system/keys'],
      ['PUT', '/auth/password', { currentPassword: berth.admin.password, newPassword: 'correct horse battery' }],
      ['POST', '/auth/refresh'],
    ];
    for (const [method, path, body] of refused) {
      const answer = await rest(path, bearer(admins), method, body);
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
    expect((await rest('/users', bearer(await addAccessToken(berth, berth.admin, 'all')))).status).toBe(200);
  });

  test('neither a token nor a robot becomes a session', async () => {
    for (const who of [whole, robot]) {
      expect((await rest('/auth/refresh', bearer(who), 'POST')).status).toBe(403);
      const body = { currentPassword: ann.password, newPassword: 'correct horse battery' };
      expect((await rest('/auth/password', bearer(who), 'PUT', body)).status).toBe(403);
    }
    for (const who of [whole, robot]) {
      const login = await rest('/auth/login', undefined, 'POST', { ...who, id: undefined });
      expect(login.status).toBe(401);
    }
  });

  test('a page is not opened by a token', async () => {
    const answer = await send(berth.url, '/account', { headers: { authorization: bearer(whole) } });
    expect(answer.status).not.toBe(200);
  });

  test('Basic credentials that a browser sends on its own act from our pages only', async () => {
    const answer = await send(berth.url, '/api/v1/repositories', {
      method: 'POST',
      headers: {
        ...{ authorization: authorization(whole), origin: 'http://evil.example' },
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'team/evil', visibility: 'private' }),
    });
    expect(answer.status).toBe(403);
  });
});

test('the scopes of a token follow a repository that is renamed, on the next request', async () => {
  await berth.api('POST', '/api/v1/repositories', { name: 'team/old', visibility: 'private' });
  const issued = await addAccessToken(berth, ann, 'follows', [{ pattern: 'team/old', actions: ['pull'] }]);
  expect(await tagsStatus('team/old', authorization(issued))).toBe(200);
  const { status } = await berth.api('PATCH', '/api/v1/repositories/team%2Fold', { name: 'team/new' });
  expect(status).toBe(200);
  expect(await tagsStatus('team/new', authorization(issued))).toBe(200);
  const scope = 'repository:team/old:pull repository:team/new:pull,push';
  expect(accessOf(await get(issued, scope))).toEqual(['repository:team/new:pull']);
  const { body } = await berth.api('GET', `/api/v1/tokens/${issued.id}`);
  expect(body.scopes).toEqual([{ pattern: 'team/new', actions: ['pull'] }]);
});

test('what a token makes does not outlive it', async () => {
  const end = '2100-01-01T00:00:00Z';
  const session = await berth.signIn(ann.username, ann.password);
  const { body: short } = await berth.api('POST', '/api/v1/tokens', { name: 'short', expiresAt: end }, session);
  const make = (body: object) => berth.api('POST', '/api/v1/tokens', body, short.secret);
  for (const expiresAt of [undefined, null, '2100-01-01T00:00:01Z']) {
    const answer = await make({ name: 'longer', expiresAt });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/expiresAt']);
  }
  expect((await make({ name: 'as long', expiresAt: end })).status).toBe(201);
  const rotate = (id: number) => berth.api('POST', `/api/v1/tokens/${id}/rotate`, undefined, short.secret);
  expect((await rotate(whole.id)).status).toBe(403);
  expect((await berth.api('POST', '/api/v1/tokens', { name: 'of a session' }, session)).status).toBe(201);
  expect((await rotate(short.id)).status).toBe(200);
});
