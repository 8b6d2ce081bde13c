import { type Berth, startBerth } from '../support/berth.js';
import { buildImage } from '../support/images.js';
import { addSignedIn, addUser, grant } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

/** Nobody gets the rights of a robot by managing its name. */
const robots = '/api/v1/robots';
const path = `${robots}/${encodeURIComponent('team+ci')}`;
const refusal = 'the robot was granted more than you manage';
let berth: Berth;
let manager: string;

beforeAll(async () => {
  berth = await startBerth();
  manager = await addSignedIn(berth, 'manager', { 'team/*': ['manage'] });
  const admin = await RegistryClient.open(berth.url, berth.admin);
  await admin.push('secret/app', 'v1', buildImage({ seed: 'robot-trust', layers: [10] }));
});
afterAll(() => berth.stop());

beforeEach(async () => {
  const made = await berth.api('POST', robots, { namespace: 'team', name: 'ci' }, manager);
  expect([made.status, made.body.entrusted]).toEqual([201, true]);
});
afterEach(() => berth.api('DELETE', path));

const giveElsewhere = () => grant(berth, 'team+ci', 'secret/*', ['push'], 'robot');
const statusAndDetail = ({ status, body }: { status: number; body: { detail?: string } }) => [status, body.detail];

test('a manager of the namespace alone adds no secret, enables nothing and moves no end', async () => {
  await giveElsewhere();
  const shown = await berth.api('GET', path, undefined, manager);
  expect([shown.status, shown.body.entrusted]).toEqual([200, false]);
  const list = await berth.api('GET', `${robots}?namespace=team`, undefined, manager);
  expect(list.body.items).toEqual([shown.body]);
  await berth.api('PATCH', path, { enabled: false });
  for (const [method, end, body] of [
    ['POST', '/secrets', {}],
    ['PATCH', '', { enabled: true }],
    ['PATCH', '', { expiresAt: '2099-01-01T00:00:00Z' }],
    ['PATCH', '', { description: 'mine', enabled: true }],
  ] as const) {
    const refused = await berth.api(method, `${path}${end}`, body, manager);
    expect([method, end, body, ...statusAndDetail(refused)]).toEqual([method, end, body, 403, refusal]);
    expect(JSON.stringify(refused.body)).not.toContain('secret/');
  }
  const after = await berth.api('GET', path);
  expect(after.body).toMatchObject({ enabled: false, expiresAt: null, description: '', entrusted: true });
  expect(after.body.secrets).toHaveLength(1);
});

test('what takes rights away stays possible: disabling, removing secrets, revoking, removing', async () => {
  await giveElsewhere();
  const { body: own } = await berth.api(
    'POST',
    '/api/v1/permissions',
    { subject: { type: 'robot', name: 'team+ci' }, pattern: 'team/app', actions: ['push'] },
    manager,
  );
  const { body } = await berth.api('GET', path, undefined, manager);
  const disabled = await berth.api('PATCH', path, { enabled: false, description: 'found in a log' }, manager);
  expect([disabled.status, disabled.body.enabled]).toEqual([200, false]);
  expect((await berth.api('DELETE', `${path}/secrets/${body.secrets[0].id}`, undefined, manager)).status).toBe(204);
  expect((await berth.api('DELETE', `/api/v1/permissions/${own.id}`, undefined, manager)).status).toBe(204);
  expect((await berth.api('DELETE', path, undefined, manager)).status).toBe(204);
});

test('made anew under the same name, it has nothing of what the old one was granted', async () => {
  await giveElsewhere();
  expect((await berth.api('DELETE', path, undefined, manager)).status).toBe(204);
  const again = await berth.api('POST', robots, { namespace: 'team', name: 'ci' }, manager);
  expect([again.status, again.body.entrusted]).toEqual([201, true]);
  const robot = await RegistryClient.open(berth.url, { username: 'team+ci', password: again.body.secret });
  expect((await robot.getManifest('secret/app', 'v1')).status).toBe(401);
});

test('who manages everything it was granted may, through a group too, and no longer than that', async () => {
  const revoke = await giveElsewhere();
  expect((await berth.api('POST', `${path}/secrets`, {}, manager)).status).toBe(403);
  await berth.api('POST', '/api/v1/groups', { name: 'keepers' });
  await berth.api('PUT', '/api/v1/groups/keepers/members/manager');
  await grant(berth, 'keepers', 'secret/*', ['manage'], 'group');
  const added = await berth.api('POST', `${path}/secrets`, {}, manager);
  expect(added.status).toBe(201);
  await berth.api('DELETE', '/api/v1/groups/keepers');
  expect((await berth.api('PATCH', path, { expiresAt: '2099-01-01T00:00:00Z' }, manager)).status).toBe(403);
  await revoke();
  expect((await berth.api('PATCH', path, { expiresAt: '2099-01-01T00:00:00Z' }, manager)).status).toBe(200);
});

test('a grant that comes while the secret is on its way is seen', async () => {
  for (let round = 0; round < 10; round++) {
    const { body } = await berth.api('GET', path);
    for (const { id } of body.secrets.slice(1)) await berth.api('DELETE', `${path}/secrets/${id}`);
    const given = giveElsewhere();
    const added = berth.api('POST', `${path}/secrets`, {}, manager);
    const [revoke, { status }] = await Promise.all([given, added]);
    // Whichever came first: never a secret that was given after the grant.
    const events = (await berth.api('GET', '/api/v1/audit?limit=20')).body.items;
    const order = events
      .map(({ action }: { action: string }) => action)
      .filter((action: string) => action === 'grant.create' || action === 'robot.secret-add');
    if (status === 201) expect(order.slice(0, 2)).toEqual(['grant.create', 'robot.secret-add']);
    else expect(status).toBe(403);
    await revoke();
  }
});

test('a robot outside of the namespace is not there, whatever it is asked', async () => {
  await addUser(berth, 'nobody');
  await berth.api('POST', robots, { namespace: 'other', name: 'ci' });
  const answers = await Promise.all(
    ['other%2Bci', 'other%2Bnone', 'team%2Bnone', 'nonsense'].map((name) =>
      berth.api('GET', `${robots}/${name}`, undefined, manager),
    ),
  );
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'NOT_FOUND']));
});
