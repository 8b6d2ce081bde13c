import { runBerth } from '../../src/cli/program.js';
import type { Runtime } from '../../src/cli/runtime.js';
import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addSignedIn, addUser, grant } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

/** Rights end with the repository they were for: who makes its name anew shares it with nobody. */
const repositories = '/api/v1/repositories';
const image = buildImage({ seed: 'made-anew', layers: [10] });
let berth: Berth;
let admin: RegistryClient;
let ann: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  admin = await RegistryClient.open(berth.url, berth.admin);
  ann = await addUser(berth, 'ann');
  await addUser(berth, 'bob');
});
afterAll(() => berth.stop());

const pathOf = (name: string) => `${repositories}/${encodeURIComponent(name)}`;
const remove = async (name: string) => expect((await berth.api('DELETE', pathOf(name))).status).toBe(204);
const reads = async (who: Credentials, name: string) =>
  (await (await RegistryClient.open(berth.url, who)).getManifest(name, 'v1')).status;
const grantsOn = async (name: string) =>
  (await berth.api('GET', `/api/v1/permissions?repository=${name}`)).body.items.filter(
    ({ pattern }: { pattern: string }) => pattern === name,
  );

async function cookieOf({ username, password }: Credentials): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ username, password });
  const answer = await send(berth.url, '/api/v1/auth/login', { method: 'POST', headers, body });
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** The administrator at a terminal, who reads the question. */
async function somebodyWhoSaysNo(asked: string[]): Promise<Runtime> {
  const token = await berth.signIn(berth.admin.username, berth.admin.password);
  const environment = { settings: {}, url: berth.url, token, password: undefined, noColor: true };
  const nothing = () => undefined;
  return {
    ...{ environment, terminal: true, colour: false, write: nothing, writeError: nothing },
    ask: async (question) => {
      asked.push(question);
      return 'n';
    },
    openLocal: () => Promise.reject(new Error('the server is elsewhere')),
    readInput: async () => '',
    writeAll: () => Promise.reject(new Error('nothing is streamed here')),
  };
}

test('the grants on a deleted name give nothing on the one made anew, to users, groups and robots', async () => {
  const name = 'gone/app';
  await admin.push(name, 'v1', image);
  await berth.api('POST', '/api/v1/groups', { name: 'crew' });
  await berth.api('PUT', '/api/v1/groups/crew/members/bob');
  const bob = await addSignedIn(berth, 'bobby');
  await berth.api('PUT', '/api/v1/groups/crew/members/bobby');
  const robot = await addRobot(berth, 'ci', { [name]: ['push'] });
  await grant(berth, 'ann', name, ['push', 'manage']);
  await grant(berth, 'crew', name, ['pull'], 'group');
  expect([await reads(ann, name), await reads(robot, name)]).toEqual([200, 200]);
  await remove(name);
  expect(await grantsOn(name)).toEqual([]);
  await admin.push(name, 'v1', image);
  expect([await reads(ann, name), await reads(robot, name)]).toEqual([401, 401]);
  expect((await berth.api('GET', pathOf(name), undefined, bob)).status).toBe(404);
  const pushing = await RegistryClient.open(berth.url, ann);
  expect((await pushing.putManifest(name, 'v2', image.manifest)).status).toBe(401);
});

test('what ended is in the audit, so that it can be given again', async () => {
  const name = 'written/app';
  await admin.push(name, 'v1', image);
  await grant(berth, 'ann', name, ['push']);
  await grant(berth, 'bob', name, ['pull', 'delete']);
  await remove(name);
  const { body } = await berth.api('GET', '/api/v1/audit?action=grant.delete&limit=2');
  const before = body.items.map(({ detail }: { detail: { before: object } }) => detail.before);
  expect(before).toEqual(
    expect.arrayContaining([
      { subject: { type: 'user', name: 'ann' }, pattern: name, actions: ['push'] },
      { subject: { type: 'user', name: 'bob' }, pattern: name, actions: ['pull', 'delete'] },
    ]),
  );
});

test.each([
  ['user', '/api/v1/users', { username: 'eve', password: 'Eve-5c2e-password', role: 'user' }, 'eve'],
  ['group', '/api/v1/groups', { name: 'eves' }, 'eves'],
  ['robot', '/api/v1/robots', { namespace: 'eve', name: 'ci' }, 'eve+ci'],
] as const)('a %s made anew has no grant of the one before, which are in the audit', async (type, path, body, who) => {
  expect((await berth.api('POST', path, body)).status).toBe(201);
  await grant(berth, who, 'eve/*', ['push', 'manage'], type);
  expect((await berth.api('DELETE', `${path}/${encodeURIComponent(who)}`)).status).toBe(204);
  const { body: audit } = await berth.api('GET', '/api/v1/audit?action=grant.delete&limit=1');
  const before = { subject: { type, name: who }, pattern: 'eve/*', actions: ['push', 'manage'] };
  expect(audit.items[0].detail).toEqual({ before });
  expect((await berth.api('POST', path, body)).status).toBe(201);
  const query = `${type}=${encodeURIComponent(who)}`;
  expect((await berth.api('GET', `/api/v1/permissions?${query}`)).body.items).toEqual([]);
});

test('an access token for one repository is for no other of that name, and not for more', async () => {
  const name = 'narrow/app';
  await admin.push(name, 'v1', image);
  await admin.push('narrow/other', 'v1', image);
  const owner = await addUser(berth, 'narrow', { 'narrow/*': ['push'] });
  const scopes = [{ pattern: name, actions: ['pull'] as const }];
  const token = await addAccessToken(berth, owner, 'only', scopes);
  expect(await reads(token, name)).toBe(200);
  await remove(name);
  await admin.push(name, 'v1', image);
  expect([await reads(token, name), await reads(token, 'narrow/other')]).toEqual([401, 401]);
  const shown = await berth.api('GET', `/api/v1/tokens/${token.id}`);
  expect(shown.body.scopes).toEqual([{ pattern: name, actions: [] }]);
  const { body } = await berth.api('GET', '/api/v1/audit?action=token.update&limit=1');
  expect(body.items[0].detail).toEqual({ before: { scopes }, after: { scopes: [{ pattern: name, actions: [] }] } });
});

test('a grant on a name that nobody has pushed to waits for it, and ends with it', async () => {
  const name = 'later/app';
  await grant(berth, 'ann', name, ['pull']);
  expect(await grantsOn(name)).toHaveLength(1);
  expect(await reads(ann, name)).toBe(404);
  await admin.push(name, 'v1', image);
  expect(await reads(ann, name)).toBe(200);
  await remove(name);
  await grant(berth, 'bob', name, ['pull']);
  await admin.push(name, 'v1', image);
  expect(await reads(ann, name)).toBe(401);
  expect((await grantsOn(name)).map(({ subject }: { subject: object }) => subject)).toEqual([
    { type: 'user', name: 'bob' },
  ]);
});

test('the old name of one that was renamed is nobody’s, and grants that followed end at the new one', async () => {
  await admin.push('before/app', 'v1', image);
  await grant(berth, 'ann', 'before/app', ['pull']);
  expect((await berth.api('PATCH', pathOf('before/app'), { name: 'after/app' })).status).toBe(200);
  await admin.push('before/app', 'v1', image);
  expect([await reads(ann, 'before/app'), await reads(ann, 'after/app')]).toEqual([401, 200]);
  await remove('after/app');
  await admin.push('after/app', 'v1', image);
  expect(await reads(ann, 'after/app')).toBe(401);
});

test('who loses what is told before: to programs, on the page, and who can no longer make it anew', async () => {
  const name = 'told/app';
  await admin.push(name, 'v1', image);
  await addUser(berth, 'keeper', { 'told/*': ['push'], [name]: ['delete'] });
  await addRobot(berth, 'teller', { [name]: ['push'] });
  await grant(berth, 'ann', name, ['manage']);
  const { body, status } = await berth.api('GET', `${pathOf(name)}/deletion`);
  const loser = (type: string, of: string, loses: string[], mayMakeAnew: boolean) => ({
    ...{ subject: { type, name: of }, enabled: true, loses, mayMakeAnew },
  });
  expect([status, body.items]).toEqual([
    200,
    [
      loser('user', 'ann', ['pull', 'manage'], false),
      loser('user', 'keeper', ['delete'], true),
      loser('robot', expect.stringContaining('+teller') as unknown as string, ['pull', 'push'], false),
    ],
  ]);
  const first = await berth.api('GET', `${pathOf(name)}/deletion?limit=2`);
  expect(first.body.items).toEqual(body.items.slice(0, 2));
  const rest = await berth.api('GET', `${pathOf(name)}/deletion?cursor=${first.body.nextCursor}`);
  expect(rest.body.items).toEqual(body.items.slice(2));

  const page = (await send(berth.url, `/r/${name}/-/settings`, { headers: { cookie: await cookieOf(berth.admin) } }))
    .body;
  for (const told of ['Grants for exactly this name', 'keeper', '+teller', 'Cannot make the repository anew'])
    expect(page.toString()).toContain(told);

  await addRobot(berth, 'covered', { 'told/*': ['push'], [name]: ['pull'] });
  const asked: string[] = [];
  expect(await runBerth(['repo', 'delete', name], await somebodyWhoSaysNo(asked))).not.toBe(0);
  expect(asked.join()).toContain('user:ann loses pull, manage, and cannot make it anew');
  expect(asked.join()).toContain('user:keeper loses delete\n');
  expect(asked.join()).toContain('+covered loses nothing\n');
  expect(await reads(berth.admin, name)).toBe(200);
});

test('thousands of grants end with one repository, and meanwhile others are answered', async () => {
  const name = 'many/app';
  await admin.push(name, 'v1', image);
  for (let n = 0; n < 250; n++) {
    const group = `crowd${n}`;
    await berth.api('POST', '/api/v1/groups', { name: group });
    await grant(berth, group, name, ['pull'], 'group');
  }
  const [removed, health] = await Promise.all([
    berth.api('DELETE', pathOf(name)),
    berth.api('GET', '/healthz', undefined, null),
  ]);
  expect([removed.status, health.status]).toEqual([204, 200]);
  expect(await grantsOn(name)).toEqual([]);
}, 120_000);
