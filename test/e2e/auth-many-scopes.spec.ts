import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, jsonOf, send } from '../support/http.js';
import { type Nginx, startNginx } from '../support/nginx.js';
import { addUser } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { claimsOf } from '../support/realm.js';
import type { Credentials } from '../support/registry-client.js';

type Pair = [name: string, value: string];

/** Characters of the longest token that says itself what it allows. */
const longest = 12 * 1024;

let berth: Berth;
let nginx: Nginx;
let ann: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  nginx = await startNginx(berth.host);
  ann = await addUser(berth, 'ann', { 'many/*': ['push'] });
  for (const name of ['many/service-1', 'many/service-400', 'many/aside'])
    await berth.api('POST', '/api/v1/repositories', { name, visibility: 'private' });
});

afterAll(async () => {
  await nginx.stop();
  await berth.stop();
});

const scopes = (count: number, actions = 'pull') =>
  Array.from({ length: count }, (_, i): Pair => ['scope', `repository:many/service-${i + 1}:${actions}`]);

function get(who: Credentials | undefined, pairs: Pair[], url = berth.url): Promise<Answer> {
  const headers = who && { authorization: basic(who.username, who.password) };
  return send(url, `/token?${new URLSearchParams([['service', 'berth'], ...pairs])}`, { headers });
}

function post(who: Credentials, pairs: Pair[], url = berth.url): Promise<Answer> {
  const own = Object.entries({ grant_type: 'password', service: 'berth', client_id: 'x', ...who });
  const body = `${new URLSearchParams([...own, ...pairs])}`;
  return send(url, '/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
}

const tokenOf = (answer: Answer): string => jsonOf(answer).token;
const tags = (token: string, name: string, url = berth.url) =>
  send(url, `/v2/${name}/tags/list`, { headers: { authorization: `Bearer ${token}` } });
const statuses = async (token: string, url?: string) => [
  (await tags(token, 'many/service-1', url)).status,
  (await tags(token, 'many/service-400', url)).status,
  (await tags(token, 'many/aside', url)).status,
];

describe.each([
  ['by GET', get],
  ['by POST', post],
])('four hundred scopes, %s', (_way, ask) => {
  test.each([
    ['straight', () => berth.url],
    ['through nginx', () => nginx.url],
  ])('%s, make a token that fits into a header and allows these repositories and no other', async (_where, url) => {
    const answer = await ask(ann, scopes(400, 'push,pull'), url());
    expect(answer.status).toBe(200);
    const token = tokenOf(answer);
    expect(token.length).toBeLessThan(longest);
    expect(await statuses(token, url())).toEqual([200, 200, 401]);
    const refused = await tags(token, 'many/aside', url());
    expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope"');
    const path = '/v2/many/service-400/blobs/uploads/';
    const headers = { authorization: `Bearer ${token}` };
    expect((await send(url(), path, { method: 'POST', headers })).status).toBe(202);
  });
});

test('up to the limit of its length a token says itself what it allows', async () => {
  const few = tokenOf(await get(ann, scopes(60)));
  expect(claimsOf(few).access).toHaveLength(60);
  const many = tokenOf(await get(ann, scopes(400)));
  expect(claimsOf(many).access).toEqual([]);
  for (let count = 60; count < 140; count += 8) {
    const token = tokenOf(await get(ann, scopes(count)));
    expect(token.length).toBeLessThanOrEqual(longest);
    expect((await tags(token, `many/service-1`)).status).toBe(200);
  }
});

test('a target of 32 KB is read, and a thousand scopes', async () => {
  const whole = 'scope=repository:many/service-1:pull&x=';
  const path = `/token?service=berth&${whole}`;
  const headers = { authorization: basic(ann.username, ann.password) };
  for (const url of [berth.url, nginx.url]) {
    const answer = await send(url, path + 'x'.repeat(32 * 1024 - path.length), { headers });
    expect([answer.status, (await tags(tokenOf(answer), 'many/service-1')).status]).toEqual([200, 200]);
  }
  const joined = scopes(1000).map(([, scope]) => scope);
  const answer = await post(ann, [['scope', joined.map((scope) => scope.replace('service-', '')).join(' ')]]);
  expect([answer.status, jsonOf(answer).scope.split(' ').length]).toEqual([200, 1000]);
});

test.each<[string, () => Promise<Answer>, number, RegExp]>([
  ['1,001 scopes', () => post(ann, [['scope', 'a:b:c '.repeat(1001).trim()]]), 400, /at most 1000 scopes.* 1001/],
  ['33 KB of scopes', () => post(ann, [['scope', 'x'.repeat(33_000)]]), 400, /at most 32768 characters.* 33000/],
  [
    '1,001 parameters',
    () =>
      get(
        ann,
        scopes(1000).map((): Pair => ['a', 'b']),
      ),
    413,
    /1000 parameters/,
  ],
  ['a form of 65 KB', () => post(ann, [['x', 'x'.repeat(65_536)]]), 413, /65536 bytes/],
  ['an address of 33 KB', () => get(ann, [['x', 'x'.repeat(33_000)]]), 431, /32768/],
  ['an address of 90 KB', () => get(ann, [['x', 'x'.repeat(90_000)]]), 431, /32768/],
])('%s are refused, and the refusal names the limit', async (_what, ask, status, message) => {
  const answer = await ask();
  expect([answer.status, jsonOf(answer).errors[0].message]).toEqual([status, expect.stringMatching(message)]);
});

describe('a token that stands for much', () => {
  test('loses what its account loses, with the next request', async () => {
    const { username, password } = await addUser(berth, 'loser');
    const { body: grant } = await berth.api('POST', '/api/v1/permissions', {
      ...{ subject: { type: 'user', name: username }, pattern: 'many/*', actions: ['pull'] },
    });
    const token = tokenOf(await get({ username, password }, scopes(400)));
    expect(await statuses(token)).toEqual([200, 200, 401]);
    expect((await berth.api('DELETE', `/api/v1/permissions/${grant.id}`)).status).toBe(204);
    expect(await statuses(token)).toEqual([401, 401, 401]);
  });

  test.each<[string, () => Promise<[Credentials, () => Promise<unknown>]>]>([
    [
      'an account is disabled',
      async () => {
        const who = await addUser(berth, 'ends-1', { 'many/*': ['pull'] });
        return [who, () => berth.api('PATCH', '/api/v1/users/ends-1', { enabled: false })];
      },
    ],
    [
      'an access token is removed',
      async () => {
        const issued = await addAccessToken(berth, ann, 'ends-2');
        const session = await berth.signIn(ann.username, ann.password);
        return [issued, () => berth.api('DELETE', `/api/v1/tokens/${issued.id}`, undefined, session)];
      },
    ],
    [
      'a robot is removed',
      async () => {
        const robot = await addRobot(berth, 'ends', { 'many/*': ['pull'] });
        const path = `/api/v1/robots/${encodeURIComponent(robot.username)}`;
        return [robot, () => berth.api('DELETE', path)];
      },
    ],
  ])('ends when %s', async (_what, make) => {
    const [who, end] = await make();
    const token = tokenOf(await get(who, scopes(400)));
    expect(await statuses(token)).toEqual([200, 200, 401]);
    await end();
    const refused = await tags(token, 'many/service-1');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/scope="repository:many\/service-1:pull",error="invalid_token"$/),
    ]);
  });

  test('is of nobody where nobody asks, and reads what is public', async () => {
    await berth.api('PATCH', '/api/v1/repositories/many%2Faside', { visibility: 'public' });
    const names = Array.from({ length: 200 }, (_, i) => `open/app-${i}`);
    for (const name of names) await berth.api('POST', '/api/v1/repositories', { name, visibility: 'public' });
    const token = tokenOf(
      await get(
        undefined,
        names.map((name): Pair => ['scope', `repository:${name}:pull,push`]),
      ),
    );
    expect([token.length < longest, claimsOf(token).sub]).toEqual([true, '']);
    expect((await tags(token, 'open/app-199')).status).toBe(200);
    expect((await tags(token, 'many/aside')).status).toBe(401);
    await berth.api('PATCH', '/api/v1/repositories/many%2Faside', { visibility: 'private' });
  });

  test('does not outlive the process: the challenge then says how to get another', async () => {
    const [token, plain] = [tokenOf(await get(ann, scopes(400))), tokenOf(await get(ann, scopes(1)))];
    await berth.restart();
    const refused = await tags(token, 'many/service-400');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Bearer .*scope="repository:many\/service-400:pull",error="invalid_token"$/),
    ]);
    expect((await tags(plain, 'many/service-1')).status).toBe(200);
    expect(await statuses(tokenOf(await get(ann, scopes(400))))).toEqual([200, 200, 401]);
  });
});
