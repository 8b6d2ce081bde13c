import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addSignedIn, addUser, grant } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let manager: string;
let admin: RegistryClient;
const permissions = '/api/v1/permissions';
const repositories = '/api/v1/repositories';

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann');
  manager = await addSignedIn(berth, 'manager', { 'team/*': ['manage'] });
  admin = await RegistryClient.open(berth.url, berth.admin);
});

afterAll(() => berth.stop());

const give = (type: string, name: string, pattern: string, actions: readonly string[], auth?: string) =>
  berth.api('PUT', permissions, { subject: { type, name }, pattern, actions }, auth);
const rightsOn = async (name: string, query = '') =>
  (await berth.api('GET', `${repositories}/${encodeURIComponent(name)}/permissions${query}`)).body;

/** The actions of a fresh registry token. */
async function granted({ username, password }: Credentials, name: string): Promise<string[]> {
  const token = await berth.token(username, password, `repository:${name}:pull,push,delete`);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return claims.access[0]?.actions ?? [];
}

describe('groups', () => {
  test('give their members what they are granted, with the next request and no longer', async () => {
    await berth.api('POST', '/api/v1/groups', { name: 'makers' });
    const { body: made } = await give('group', 'makers', 'shared/*', ['push']);
    expect(made.subject).toEqual({ type: 'group', name: 'makers' });
    const seen: string[][] = [await granted(ann, 'shared/app')];
    await berth.api('PUT', '/api/v1/groups/makers/members/ann');
    seen.push(await granted(ann, 'shared/app'));
    const client = await RegistryClient.open(berth.url, ann);
    await client.push('shared/app', 'v1', buildImage({ seed: 'rights', layers: [10] }));
    const explained = await berth.api('GET', `${permissions}/explain?user=ann&repository=shared/app&action=push`);
    expect(explained.body.actions.push.reasons).toEqual([
      { rule: 'grant', grant: made.id, pattern: 'shared/*', action: 'push', group: 'makers' },
    ]);
    const own = await berth.api('GET', '/api/v1/auth/permissions', undefined, await berth.signIn('ann', ann.password));
    expect(own.body.items).toEqual([made]);
    await berth.api('DELETE', '/api/v1/groups/makers/members/ann');
    seen.push(await granted(ann, 'shared/app'));
    expect(seen).toEqual([[], ['pull', 'push'], []]);
    // A token from before is worth nothing either: the live permission is asked again.
    expect((await client.getManifest('shared/app', 'v1')).status).toBe(401);
  });
});

describe('the rights on a repository', () => {
  test('are those of users, of groups and their members, and of robots, page by page', async () => {
    await addUser(berth, 'bob');
    await berth.api('POST', repositories, { name: 'rights/app', visibility: 'private' });
    await berth.api('POST', '/api/v1/groups', { name: 'readers' });
    await berth.api('PUT', '/api/v1/groups/readers/members/bob');
    await berth.api('POST', '/api/v1/robots', { namespace: 'rights', name: 'ci' });
    const ids: number[] = [];
    for (const [type, name, pattern, actions] of [
      ['user', 'ann', 'rights/app', ['delete']],
      ['group', 'readers', 'rights/*', ['pull']],
      ['robot', 'rights+ci', 'rights/*', ['push']],
    ] as const)
      ids.push((await give(type, name, pattern, actions)).body.id);
    const [own, group, robot] = ids;
    const all = await rightsOn('rights/app');
    const through = { id: group, pattern: 'rights/*', actions: ['pull'] };
    expect(all.items).toEqual([
      {
        subject: { type: 'user', name: 'ann' },
        enabled: true,
        actions: ['pull', 'delete'],
        grants: [{ id: own, pattern: 'rights/app', actions: ['delete'] }],
      },
      {
        subject: { type: 'user', name: 'bob' },
        enabled: true,
        actions: ['pull'],
        grants: [{ ...through, group: 'readers' }],
      },
      { subject: { type: 'group', name: 'readers' }, enabled: true, actions: ['pull'], grants: [through] },
      {
        subject: { type: 'robot', name: 'rights+ci' },
        enabled: true,
        actions: ['pull', 'push'],
        grants: [{ id: robot, pattern: 'rights/*', actions: ['push'] }],
      },
    ]);
    const first = await rightsOn('rights/app', '?limit=3');
    expect(first.items).toEqual(all.items.slice(0, 3));
    expect((await rightsOn('rights/app', `?limit=3&cursor=${first.nextCursor}`)).items).toEqual(all.items.slice(3));
    const bad = await berth.api('GET', `${repositories}/rights%2Fapp/permissions?cursor=YWJj`);
    expect([bad.status, bad.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  test('B99 are asked of one subject at a time', async () => {
    const explain = (query: string) => berth.api('GET', `${permissions}/explain?repository=rights/app&${query}`);
    expect((await explain('robot=rights%2Bci')).body).toMatchObject({
      robot: 'rights+ci',
      actions: { push: { allowed: true }, manage: { missing: { need: 'grant', action: 'manage' } } },
    });
    expect((await explain('group=readers')).body.actions.pull.allowed).toBe(true);
    expect((await explain('group=none')).status).toBe(404);
    expect((await explain('group=readers&user=ann')).status).toBe(400);
  });
});

describe('another name for a repository', () => {
  const rename = (from: string, name: unknown, auth?: string) =>
    berth.api('PATCH', `${repositories}/${encodeURIComponent(from)}`, { name }, auth);

  test('takes images, settings and grants along and leaves nothing behind', async () => {
    const image = buildImage({ seed: 'rename', layers: [1_000, 2_000] });
    await admin.push('team/old', 'v1', image);
    await admin.getManifest('team/old', 'v1'); // remembered from here on
    await grant(berth, 'ann', 'team/old', ['push']);
    expect(await granted(ann, 'team/old')).toEqual(['pull', 'push']);
    const open = await admin.startUpload('team/old');
    const written = await admin.append('team/old', open.location, 'half');
    expect(written.status).toBe(202);

    const renamed = await rename('team/old', 'team/new', manager);
    expect([renamed.status, renamed.body.name]).toEqual([200, 'team/new']);
    expect(await admin.pull('team/new', 'v1')).toBe(image.manifest.digest);
    expect(await granted(ann, 'team/new')).toEqual(['pull', 'push']);
    expect(await granted(ann, 'team/old')).toEqual([]);
    const ended = await admin.uploadStatus('team/old', written.location);
    expect(ended.status).toBe(404);
    for (const path of ['manifests/v1', 'tags/list', `blobs/${image.manifest.digest}`]) {
      const old = await admin.request('team/old', path);
      const never = await admin.request('team/never', path);
      expect([old.status, old.body.toString().replaceAll('team/old', 'team/never')]).toEqual([
        never.status,
        never.body.toString(),
      ]);
    }
    expect((await berth.api('GET', `${repositories}/team%2Fold`)).status).toBe(404);
  });

  test('is refused where the asker does not manage, or where it is taken', async () => {
    for (const name of ['team/one', 'team/two', 'other/one'])
      await berth.api('POST', repositories, { name, visibility: 'private' });
    const outcome = async (name: unknown, auth?: string) => {
      const { status, body } = await rename('team/one', name, auth);
      return [status, body.code];
    };
    expect(await outcome('other/new', manager)).toEqual([403, 'DENIED']);
    expect(await outcome('other/one', manager)).toEqual([403, 'DENIED']);
    expect(await outcome('team/two', manager)).toEqual([409, 'REPOSITORY_EXISTS']);
    expect(await outcome('Team/One')).toEqual([400, 'NAME_INVALID']);
    expect((await outcome(null))[0]).toBe(400);
    expect((await outcome({ $ne: '' }))[0]).toBe(400);
    expect((await rename('team/none', 'team/some', manager)).status).toBe(404);
    expect((await rename('other/one', 'team/taken', manager)).status).toBe(404);
    expect((await rename('team/one', 'team/one', manager)).status).toBe(200);
  });
});

describe('who manages a namespace', () => {
  test('T22 gives groups and robots rights within it and nowhere else', async () => {
    await berth.api('POST', '/api/v1/groups', { name: 'guests' });
    await berth.api('POST', '/api/v1/robots', { namespace: 'team', name: 'bot' });
    for (const [type, name] of [
      ['group', 'guests'],
      ['robot', 'team+bot'],
      ['user', 'manager'],
    ] as const) {
      expect((await give(type, name, 'team/sub/*', ['pull'], manager)).status).toBe(201);
      for (const pattern of ['*', 'team', 'other/*', 'teams/app'])
        expect((await give(type, name, pattern, ['pull'], manager)).status).toBe(403);
    }
  });
});

describe('T11 a narrowed access token', () => {
  test('manages inside its scopes only, also when it renames', async () => {
    const owner = await addUser(berth, 'owner', { 'team/*': ['manage'], 'wide/*': ['manage'] });
    const token = await addAccessToken(berth, owner, 'narrow', [{ pattern: 'team/*', actions: ['manage'] }]);
    for (const name of ['team/kept', 'wide/kept'])
      await berth.api('POST', repositories, { name, visibility: 'private' });
    const as = async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${token.password}`, 'content-type': 'application/json' };
      const answer = await send(berth.url, path, { method, headers, body: body && JSON.stringify(body) });
      return { status: answer.status, body: answer.body.length === 0 ? undefined : JSON.parse(answer.body.toString()) };
    };
    const wanted = { subject: { type: 'user', name: 'ann' }, actions: ['pull'] };
    const put = (pattern: string) => as('PUT', permissions, { ...wanted, pattern });
    const inside = await put('team/kept');
    expect(inside.status).toBe(201);
    for (const pattern of ['wide/kept', 'wide/*', '*']) expect((await put(pattern)).status).toBe(403);
    const { body: outside } = await give('user', 'ann', 'wide/kept', ['pull']);
    expect((await as('DELETE', `${permissions}/${outside.id}`)).status).toBe(404);
    expect((await as('DELETE', `${permissions}/${inside.body.id}`)).status).toBe(204);
    expect((await as('PATCH', `${repositories}/team%2Fkept`, { name: 'wide/taken' })).status).toBe(403);
    expect((await as('PATCH', `${repositories}/wide%2Fkept`, { name: 'team/taken' })).status).toBe(404);
    expect((await as('PATCH', `${repositories}/team%2Fkept`, { name: 'team/moved' })).status).toBe(200);
    const explained = await as('GET', `${permissions}/explain?repository=wide/kept&action=manage`);
    expect(explained.body.actions.manage.missing).toMatchObject({ need: 'token-scope', action: 'manage' });
  });
});

describe('a robot', () => {
  test('asks what it may, and gives others what it manages', async () => {
    const robot = await addRobot(berth, 'steward', { 'robots/*': ['manage'] });
    const as = async (method: string, path: string, body?: object) => {
      const headers = { authorization: basic(robot.username, robot.password), 'content-type': 'application/json' };
      const answer = await send(berth.url, path, { method, headers, body: body && JSON.stringify(body) });
      return { status: answer.status, body: JSON.parse(answer.body.toString()) };
    };
    const own = await as('GET', '/api/v1/auth/permissions');
    expect(own.body).toMatchObject({ role: 'user', items: [{ pattern: 'robots/*', actions: ['manage'] }] });
    const explained = await as('GET', `${permissions}/explain?repository=robots/app&action=manage`);
    expect(explained.body).toMatchObject({ robot: robot.username, actions: { manage: { allowed: true } } });
    const body = { subject: { type: 'user', name: 'ann' }, pattern: 'robots/app', actions: ['pull'] };
    expect((await as('PUT', permissions, body)).status).toBe(201);
    expect((await as('PUT', permissions, { ...body, pattern: 'team/app' })).status).toBe(403);
  });
});
