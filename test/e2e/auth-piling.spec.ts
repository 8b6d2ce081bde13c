import { type Berth, type JsonAnswer, startBerth } from '../support/berth.js';
import { basic, jsonOf, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly current: boolean;
}

const path = '/api/v1/auth/sessions';
const pageAt = (query: Record<string, string>) => `${path}?${new URLSearchParams({ limit: '30', ...query })}`;

/** The whole list, page by page as its links lead. */
async function listed(session: string): Promise<Listed[]> {
  const items: Listed[] = [];
  for (let next: string | undefined = pageAt({}); next !== undefined; ) {
    const answer: JsonAnswer = await berth.api('GET', next, undefined, session);
    expect(answer.status).toBe(200);
    expect(answer.body.items.length).toBeLessThanOrEqual(30);
    items.push(...answer.body.items);
    const { nextCursor } = answer.body;
    expect(answer.headers.link?.includes('rel="next"') ?? false).toBe(nextCursor !== undefined);
    next = nextCursor === undefined ? undefined : pageAt({ cursor: nextCursor });
  }
  return items;
}

const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

/** As docker login asks. */
async function refreshToken({ username, password }: Credentials): Promise<string> {
  const headers = { authorization: basic(username, password) };
  const query = 'service=berth&client_id=docker&offline_token=true';
  return jsonOf(await send(berth.url, `/token?${query}`, { headers })).refresh_token;
}

const refreshes = async (token: string) => {
  const form = { grant_type: 'refresh_token', service: 'berth', client_id: 'docker', refresh_token: token };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await send(berth.url, '/token', { method: 'POST', headers, body: `${new URLSearchParams(form)}` })).status;
};

test('an account has at most a hundred sessions, however many are opened at once; the one seen longest ago ends', async () => {
  const ann = await addUser(berth, 'ann');
  const first = await berth.signIn(ann.username, ann.password);
  const opened = await times(150, () => berth.signIn(ann.username, ann.password));
  const last = await berth.signIn(ann.username, ann.password);
  expect((await berth.api('GET', '/api/v1/auth/me', undefined, first)).status).toBe(401);
  const items = await listed(last);
  expect(items).toHaveLength(100);
  expect(new Set(items.map(({ id }) => id)).size).toBe(100);
  expect(items.filter(({ current }) => current)).toHaveLength(1);
  const alive = await times(150, async (n) => (await berth.api('GET', '/api/v1/auth/me', undefined, opened[n])).status);
  expect(alive.filter((status) => status === 200)).toHaveLength(99);

  expect((await berth.api('DELETE', path, undefined, last)).status).toBe(204);
  expect(await listed(last)).toMatchObject([{ current: true }]);
});

test('an account has at most a hundred refresh tokens, and a new one always works', async () => {
  const bob = await addUser(berth, 'bob');
  const first = await refreshToken(bob);
  await times(130, () => refreshToken(bob));
  const last = await refreshToken(bob);
  expect([await refreshes(first), await refreshes(last)]).toEqual([401, 200]);
  const session = await berth.signIn(bob.username, bob.password);
  const kinds = (await listed(session)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'refresh-token')).toHaveLength(100);
  expect(kinds.filter((kind) => kind === 'session')).toHaveLength(1);
});

test('the profile page shows them page by page', async () => {
  const cat = await addUser(berth, 'cat');
  await times(40, () => berth.signIn(cat.username, cat.password));
  const headers = { 'content-type': 'application/json' };
  const login = await send(berth.url, '/api/v1/auth/login', { method: 'POST', headers, body: JSON.stringify(cat) });
  const cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const shown = async (target: string) => {
    const page = (await send(berth.url, target, { headers: { cookie } })).body.toString();
    const next = /href="([^"]+)" rel="next"/.exec(page)?.[1]?.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
    return { rows: page.split('class="sub"').length - 1, next };
  };
  const first = await shown('/account');
  expect(first.rows).toBe(25);
  expect(await shown(first.next ?? '')).toEqual({ rows: 16, next: undefined });
  expect((await send(berth.url, '/account?cursor=nonsense', { headers: { cookie } })).status).toBe(200);
});

test.each(['limit=0', 'limit=101', 'limit=x', 'cursor=nonsense', 'cursor=MTIz', 'page=2'])(
  '%s is refused',
  async (query) => {
    const answer = await berth.api('GET', `${path}?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  },
);
