import { type Berth, startBerth } from '../support/berth.js';
import { basic, jsonOf, send } from '../support/http.js';
import { addUser, grant } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { accessOf, askRealm } from '../support/realm.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let robot: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'] });
  robot = await addRobot(berth, 'ci', { 'team/*': ['push'] });
  await berth.api('POST', '/api/v1/repositories', { name: 'team/app', visibility: 'private' });
});

afterAll(() => berth.stop());

const ask = (who: Credentials) => askRealm(berth, 'service=berth&scope=repository:team/app:*', who);
const tagsStatus = async (authorization: string) =>
  (await send(berth.url, '/v2/team/app/tags/list', { headers: { authorization } })).status;

describe('what happens to an account reaches its tokens on the next request', () => {
  const canPull = (token: string) => tagsStatus(`Bearer ${token}`);

  test('revoking a grant', async () => {
    const who = await addUser(berth, 'revoked');
    const revoke = await grant(berth, 'revoked', 'team/app', ['pull']);
    const token = await berth.token(who.username, who.password, 'repository:team/app:pull');
    expect(await canPull(token)).toBe(200);
    await revoke();
    expect(await canPull(token)).toBe(401);
    expect(accessOf(await ask(who))).toEqual([]);
  });

  test('disabling the user, who gets nothing back by being enabled', async () => {
    const who = await addUser(berth, 'disabled', { 'team/app': ['pull'] });
    const token = await berth.token(who.username, who.password, 'repository:team/app:pull');
    expect(await canPull(token)).toBe(200);
    await berth.api('PATCH', '/api/v1/users/disabled', { enabled: false });
    expect(await canPull(token)).toBe(401);
    expect((await ask(who)).status).toBe(401);
    await berth.api('PATCH', '/api/v1/users/disabled', { enabled: true });
    expect(await canPull(token)).toBe(401);
    expect((await ask(who)).status).toBe(200);
  });

  test('a new password', async () => {
    const who = await addUser(berth, 'renewed', { 'team/app': ['pull'] });
    const token = await berth.token(who.username, who.password, 'repository:team/app:pull');
    await berth.api('POST', '/api/v1/users/renewed/password-reset', { password: 'correct horse battery' });
    expect(await canPull(token)).toBe(401);
    expect((await ask(who)).status).toBe(401);
  });

  test('removing the user', async () => {
    const who = await addUser(berth, 'removed', { 'team/app': ['pull'] });
    const token = await berth.token(who.username, who.password, 'repository:team/app:pull');
    await berth.api('DELETE', '/api/v1/users/removed');
    expect(await canPull(token)).toBe(401);
    const again = await addUser(berth, 'removed', { 'team/app': ['pull'] });
    expect(again.username).toBe('removed');
    expect(await canPull(token)).toBe(401);
  });
});

describe('what ends a credential reaches everything issued for it on the next request', () => {
  const works = async (who: Credentials, token: string) => ({
    basic: (await tagsStatus(basic(who.username, who.password))) === 200,
    token: (await tagsStatus(`Bearer ${token}`)) === 200,
    rest: (await berth.api('GET', '/api/v1/repositories/team%2Fapp', undefined, who.password)).status === 200,
    realm: (await ask(who)).status === 200,
  });
  const yes = { basic: true, token: true, rest: true, realm: true };
  const no = { basic: false, token: false, rest: false, realm: false };
  const tokenOf = async (who: Credentials): Promise<string> => jsonOf(await ask(who)).token;

  test('removing a personal access token', async () => {
    const issued = await addAccessToken(berth, ann, 'short-lived');
    const token = await tokenOf(issued);
    expect(await works(issued, token)).toEqual(yes);
    expect((await berth.api('DELETE', `/api/v1/tokens/${issued.id}`)).status).toBe(204);
    expect(await works(issued, token)).toEqual(no);
  });

  test('giving it another secret', async () => {
    const issued = await addAccessToken(berth, ann, 'rotated');
    const token = await tokenOf(issued);
    const session = await berth.signIn(ann.username, ann.password);
    const { body } = await berth.api('POST', `/api/v1/tokens/${issued.id}/rotate`, undefined, session);
    expect(await works(issued, token)).toEqual(no);
    const renewed = { ...issued, password: body.secret };
    expect(await works(renewed, await tokenOf(renewed))).toEqual(yes);
  });

  test('taking a grant from its owner', async () => {
    const bob = await addUser(berth, 'bob');
    const revoke = await grant(berth, 'bob', 'team/app', ['pull']);
    const issued = await addAccessToken(berth, bob, 'bobs');
    const token = await tokenOf(issued);
    expect(await works(issued, token)).toEqual(yes);
    await revoke();
    expect(await works(issued, token)).toEqual({ ...no, realm: true });
    expect(accessOf(await ask(issued))).toEqual([]);
  });

  test('disabling its owner, and enabling gives only the secret back', async () => {
    const eve = await addUser(berth, 'eve', { 'team/app': ['pull'] });
    const issued = await addAccessToken(berth, eve, 'eves');
    const token = await tokenOf(issued);
    await berth.api('PATCH', '/api/v1/users/eve', { enabled: false });
    expect(await works(issued, token)).toEqual(no);
    await berth.api('PATCH', '/api/v1/users/eve', { enabled: true });
    expect(await works(issued, token)).toEqual({ ...yes, token: false });
  });

  test('removing a robot’s secret leaves the other one', async () => {
    const first = await addRobot(berth, 'twice', { 'team/*': ['pull'] });
    const path = '/api/v1/robots/team%2Btwice';
    const { secrets } = (await berth.api('GET', path)).body;
    const { body } = await berth.api('POST', `${path}/secrets`, {});
    const second = { ...first, password: body.secret };
    const [old, fresh] = [await tokenOf(first), await tokenOf(second)];
    expect(await works(first, old)).toEqual(yes);
    expect((await berth.api('DELETE', `${path}/secrets/${secrets[0].id}`)).status).toBe(204);
    expect(await works(first, old)).toEqual(no);
    expect(await works(second, fresh)).toEqual(yes);
    await berth.api('PATCH', path, { enabled: false });
    expect(await works(second, fresh)).toEqual(no);
    await berth.api('PATCH', path, { enabled: true });
    expect(await works(second, fresh)).toEqual({ ...yes, token: false });
    await berth.api('DELETE', path);
    expect(await works(second, await tokenOf(robot))).toEqual({ ...no, token: true });
  });
});
