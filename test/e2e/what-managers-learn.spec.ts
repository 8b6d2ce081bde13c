import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { addSignedIn, addUser, grant } from '../support/people.js';

/** Whoever manages a repository grants to people by their names, and does not get a list of who has an account by that. */
const permissions = '/api/v1/permissions';
let berth: Berth;
let manager: string;

beforeAll(async () => {
  berth = await startBerth();
  manager = await addSignedIn(berth, 'manager', { 'team/*': ['manage'] });
  await addUser(berth, 'plain');
  await addUser(berth, 'gone');
  await berth.api('PATCH', '/api/v1/users/gone', { enabled: false });
  await berth.api('POST', '/api/v1/groups', { name: 'crew' });
  await berth.api('POST', '/api/v1/robots', { namespace: 'other', name: 'ci' });
  for (const [name, visibility] of [
    ['team/app', 'private'],
    ['team/open', 'internal'],
  ])
    await berth.api('POST', '/api/v1/repositories', { name, visibility });
});
afterAll(() => berth.stop());

const put = (name: string, pattern: string, who?: string, type = 'user') =>
  berth.api('PUT', permissions, { subject: { type, name }, pattern, actions: ['pull'] }, who);

test('explain says the same of an account without rights, an administrator’s, a disabled one and none', async () => {
  for (const repository of ['team/app', 'team/open', 'team/none'])
    for (const [type, known, unknown] of [
      ['user', ['plain', 'admin', 'gone'], 'nobody'],
      ['group', ['crew'], 'nogroup'],
      ['robot', ['other%2Bci'], 'other%2Bnone'],
    ] as const) {
      const explain = async (name: string) => {
        const query = `repository=${repository}&${type}=${name}`;
        const { status, body } = await berth.api('GET', `${permissions}/explain?${query}`, undefined, manager);
        return JSON.stringify([status, body]).replaceAll(decodeURIComponent(name), '…');
      };
      const nobody = await explain(unknown);
      expect(nobody).toContain('[200,');
      for (const name of known) expect([name, await explain(name)]).toEqual([name, nobody]);
    }
});

test('what a manager granted is explained, and administrators learn everything', async () => {
  expect((await put('plain', 'team/app', manager)).status).toBe(201);
  const ask = (name: string, who?: string) =>
    berth.api('GET', `${permissions}/explain?repository=team/app&action=pull&user=${name}`, undefined, who);
  expect((await ask('plain', manager)).body.actions.pull.reasons).toMatchObject([
    { rule: 'grant', pattern: 'team/app' },
  ]);
  expect((await ask('admin')).body.actions.pull.reasons).toEqual([{ rule: 'admin' }]);
  expect((await ask('nobody')).status).toBe(404);
});

test('the page says no more than that', async () => {
  const login = await send(berth.url, '/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(await addUser(berth, 'pager', { 'team/*': ['manage'] })),
  });
  const cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const why = async (name: string) => {
    const path = `/r/team/app/-/permissions?user=${name}&action=push`;
    const { body } = await send(berth.url, path, { headers: { cookie } });
    const [, text = 'nothing'] = /<div id="why">([\s\S]*?)<\/form>/.exec(body.toString()) ?? [];
    return text.replaceAll(name, '…');
  };
  const nobody = await why('nobody');
  expect(nobody).toContain('may not');
  for (const name of ['admin', 'gone', 'manager2']) expect([name, await why(name)]).toEqual([name, nobody]);
});

test('who is an administrator is not in what they were granted, nor in what they lose', async () => {
  for (const name of ['admin', 'plain']) expect((await put(name, 'team/open', manager)).status).toBeLessThan(300);
  const of = async (path: string, name: string, who?: string) => {
    const { body } = await berth.api('GET', `/api/v1/repositories/team%2Fopen/${path}`, undefined, who);
    return body.items.find(({ subject }: { subject: { name: string } }) => subject.name === name);
  };
  const told = (name: string, who?: string) =>
    Promise.all(['permissions', 'deletion'].map((path) => of(path, name, who)));
  const plain = await told('plain', manager);
  expect(plain).toMatchObject([{ actions: ['pull'] }, { loses: ['pull'], mayMakeAnew: false }]);
  const withoutName = (rights: object) =>
    JSON.stringify(rights, (key, value) => (key === 'name' || key === 'id' ? '' : value));
  expect(withoutName(await told('admin', manager))).toEqual(withoutName(plain));
  const toAdministrators = { actions: ['pull', 'push', 'delete', 'manage'] };
  expect(await told('admin')).toMatchObject([toAdministrators, { loses: [], mayMakeAnew: true }]);
});

test('a list for somebody who is nobody is as empty as for somebody without grants', async () => {
  const list = async (name: string) => {
    const path = `${permissions}?repository=team/app&user=${name}`;
    const { status, body } = await berth.api('GET', path, undefined, manager);
    return [status, body];
  };
  expect(await list('nobody')).toEqual(await list('gone'));
});

test('names of nobody can be tried twenty times an hour, and then nobody is said to exist', async () => {
  const guesser = await addSignedIn(berth, 'guesser', { 'team/*': ['manage'] });
  expect((await put('plain', 'team/guess', guesser)).status).toBe(201);
  const tried = await Promise.all(Array.from({ length: 30 }, (_, n) => put(`guess${n}`, 'team/guess', guesser)));
  const statuses = tried.map(({ status }) => status);
  expect(statuses.filter((status) => status === 404)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  for (const [name, type] of [
    ['gone', 'user'],
    ['nobody', 'user'],
    ['crew', 'group'],
    ['other+ci', 'robot'],
  ] as const) {
    const refused = await put(name, 'team/guess', guesser, type);
    expect([name, refused.status, Number(refused.headers['retry-after']) > 3000]).toEqual([name, 429, true]);
  }
  // What is there can still be taken back, others are not slowed down, and neither are administrators.
  const { body } = await berth.api('GET', `${permissions}?repository=team/guess`, undefined, guesser);
  const [own] = body.items.filter(({ pattern }: { pattern: string }) => pattern === 'team/guess');
  expect((await berth.api('DELETE', `${permissions}/${own.id}`, undefined, guesser)).status).toBe(204);
  expect((await put('plain', 'team/guess', manager)).status).toBe(201);
  for (let n = 0; n < 25; n++) expect((await put(`admin${n}`, 'team/x')).status).toBe(404);
  await grant(berth, 'plain', 'team/y', ['pull']);
});
