import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { administrator, type Caller } from './matrix/callers.js';

let berth: Berth;
let page: Caller;
beforeAll(async () => {
  berth = await startBerth();
  page = (await administrator(berth)).cookie;
  await addUser(berth, 'ann');
  for (const [path, body] of [
    ['repositories', { name: 'team/app', visibility: 'private', description: 'before' }],
    ['groups', { name: 'crew', description: 'before' }],
    ['robots', { namespace: 'team', name: 'ci', description: 'before' }],
  ] as const) {
    expect((await berth.api('POST', `/api/v1/${path}`, body)).status).toBe(201);
  }
});
afterAll(() => berth.stop());

/** NUL, an escape, C1, the other direction, half a character. */
const hidden = ['\0', '\u001b[2J', '\u009b31m', '\u202e', '\ud800'].map((text) => `x${text}y`);

/** Every text of the API that people choose freely. */
const fields: readonly (readonly [method: string, path: string, field: string, rest: object])[] = [
  ['POST', 'repositories', 'description', { name: 'team/new', visibility: 'private' }],
  ['PATCH', 'repositories/team%2Fapp', 'description', {}],
  ['PATCH', 'repositories/team%2Fapp', 'description', { name: 'team/renamed' }],
  ['POST', 'groups', 'description', { name: 'new' }],
  ['PATCH', 'groups/crew', 'description', {}],
  ['POST', 'robots', 'description', { namespace: 'team', name: 'new' }],
  ['PATCH', 'robots/team%2Bci', 'description', {}],
  ['POST', 'tokens', 'name', {}],
  ['POST', 'users', 'fullName', { username: 'new', role: 'user' }],
  ['PATCH', 'users/ann', 'fullName', {}],
  ['POST', 'users', 'email', { username: 'new', role: 'user' }],
  ['PATCH', 'users/ann', 'email', {}],
];

test.each(fields)(
  '%s %s refuses a %s with what cannot be seen, and changes nothing',
  async (method, path, field, rest) => {
    const before = await everything();
    for (const text of hidden) {
      const value = field === 'email' ? `${text}@example.com` : text;
      const answer = await berth.api(method, `/api/v1/${path}`, { ...rest, [field]: value });
      expect([text, answer.status, answer.body.code]).toEqual([text, 400, 'VALIDATION_FAILED']);
      expect(answer.body.errors).toEqual([{ pointer: `/${field}`, message: expect.stringMatching(/./) }]);
    }
    expect(await everything()).toEqual(before);
  },
);

const everything = async () =>
  JSON.stringify(
    await Promise.all(
      ['repositories', 'groups', 'robots?namespace=team', 'tokens', 'users'].map(
        async (path) => (await berth.api('GET', `/api/v1/${path}`)).body.items,
      ),
    ),
    (key, value) => (/^last/.test(key) ? undefined : value),
  );

test('several lines, tabs and every script are descriptions', async () => {
  const description = 'Edge router\r\n\tرشته · 镜像 · 👩‍👩‍👧\n';
  const answer = await berth.api('PATCH', '/api/v1/repositories/team%2Fapp', { description });
  expect([answer.status, answer.body.description]).toEqual([200, description]);
});

test.each([
  ['/repositories/new', { name: 'team/page', visibility: 'private', description: 'x\0y' }],
  ['/r/team/app/-/settings', { visibility: 'private', description: 'x\u001by' }],
  ['/users/ann', { role: 'user', fullName: 'x\u202ey' }],
  ['/users/ann', { role: 'user', email: 'x\u009by@example.com' }],
])('the form of %s says what is wrong with %j', async (path, fields) => {
  const before = await everything();
  const body = new URLSearchParams({ ...fields, _csrf: page.csrf ?? '' }).toString();
  const headers = { ...(await page.headers('')), 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await send(berth.url, path, { method: 'POST', headers, body });
  expect([answer.status, answer.body.toString().includes('role="alert"')]).toEqual([400, true]);
  expect(await everything()).toEqual(before);
});

test('what a client calls itself is kept without them', async () => {
  const ann = await addUser(berth, 'client');
  const body = new URLSearchParams({
    ...{ grant_type: 'password', service: 'berth', client_id: 'x\u001by', access_type: 'offline', ...ann },
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await send(berth.url, '/token', { method: 'POST', headers, body })).status).toBe(200);
  const { items } = (
    await berth.api('GET', '/api/v1/auth/sessions', undefined, await berth.signIn(ann.username, ann.password))
  ).body;
  expect(items.map(({ clientId }: { clientId: string | null }) => clientId)).toContain('x�y');
});
