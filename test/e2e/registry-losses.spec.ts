import { sign } from 'node:crypto';
import { join } from 'node:path';
import { readKeySet } from '../../src/auth/keys/key-set-file.js';
import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { buildImage, content, randomBytesOf } from '../support/images.js';
import { addUser, grant } from '../support/people.js';
import { until } from '../support/ports.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { RawConnection } from '../support/raw-connection.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

/** What is taken away while a body is under way; every route and every loss is in authorization-losses.spec.ts. */
let berth: Berth;
const first = buildImage({ seed: 'first', layers: [500] });
const second = buildImage({ seed: 'second', layers: [500] });

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_LAYOUT_MIRROR: 'false' } });
  const admin = await RegistryClient.open(berth.url, berth.admin);
  await admin.push('team/app', 'latest', first);
  await admin.push('team/app', 'second', second);
});
afterAll(() => berth.stop());

const authorizationOf = ({ username, password }: Credentials) => basic(username, password);
const latest = async () =>
  (await (await RegistryClient.open(berth.url, berth.admin)).getManifest('team/app', 'latest')).body;

/** A request whose head and half of whose body the server has; the function sends the rest. */
async function begin(
  method: string,
  path: string,
  authorization: string,
  body: Buffer,
  type = 'application/octet-stream',
) {
  const connection = await RawConnection.open(berth.url);
  const headers = `Authorization: ${authorization}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}`;
  connection.write(`${method} ${path} HTTP/1.1\r\nHost: berth\r\n${headers}\r\nExpect: 100-continue\r\n\r\n`);
  expect((await connection.answer(true))?.status).toBe(100);
  connection.write(body.subarray(0, body.length >> 1));
  return async () => {
    connection.write(body.subarray(body.length >> 1));
    const answer = await connection.answer();
    connection.close();
    return answer;
  };
}

const beginLatest = (authorization: string) =>
  begin('PUT', '/v2/team/app/manifests/latest', authorization, second.manifest.bytes, second.manifest.mediaType);

test('a tag does not move for somebody whose grant is gone and whose account is disabled', async () => {
  const ann = await addUser(berth, 'ann');
  const revoke = await grant(berth, 'ann', 'team/app', ['push']);
  const token = await berth.token(ann.username, ann.password, 'repository:team/app:pull,push');
  const finish = [await beginLatest(`Bearer ${token}`), await beginLatest(authorizationOf(ann))];
  await revoke();
  await berth.api('PATCH', '/api/v1/users/ann', { enabled: false });
  for (const rest of finish) {
    const answer = await rest();
    expect([answer?.status, answer?.headers.has('www-authenticate')]).toEqual([401, true]);
  }
  expect(await latest()).toEqual(first.manifest.bytes);
});

test('a grant that is taken alone answers as it would have at the start, and the refusal is recorded', async () => {
  const bob = await addUser(berth, 'bob', { 'team/app': ['pull'] });
  const revoke = await grant(berth, 'bob', 'team/*', ['push']);
  const finish = await beginLatest(authorizationOf(bob));
  await revoke();
  const answer = await finish();
  expect([answer?.status, JSON.parse(answer?.body ?? '').errors[0]]).toEqual([
    403,
    expect.objectContaining({ code: 'DENIED', detail: { repository: 'team/app', missing: ['push'] } }),
  ]);
  await until('the refusal is in the audit', async () => {
    const { body } = await berth.api('GET', '/api/v1/audit?action=denied&actor=bob');
    return body.items.length === 1;
  });
});

test('an upload ends with the right of whoever began it', async () => {
  const eve = await addUser(berth, 'eve');
  const revoke = await grant(berth, 'eve', 'team/app', ['push']);
  const client = await RegistryClient.open(berth.url, eve);
  const blob = content('application/octet-stream', randomBytesOf('eve', 5_000));
  const uploads = await Promise.all([1, 2].map(() => client.startUpload('team/app')));
  const [patch = '', put = ''] = uploads.map(({ location }) => location);
  const authorization = authorizationOf(eve);
  const finish = [
    await begin('PATCH', patch, authorization, blob.bytes),
    await begin('PUT', `${put}?digest=${blob.digest}`, authorization, blob.bytes),
    await begin('POST', `/v2/team/app/blobs/uploads/?digest=${blob.digest}`, authorization, blob.bytes),
  ];
  await revoke();
  for (const rest of finish) expect((await rest())?.status).toBe(403);
  const admin = await RegistryClient.open(berth.url, berth.admin);
  expect(await admin.hasBlob('team/app', blob.digest)).toBe(false);
  await grant(berth, 'eve', 'team/app', ['push']);
  for (const location of [patch, put]) {
    expect((await send(berth.url, location, { headers: { authorization } })).status).toBe(404);
  }
});

test('a secret that is removed commits nothing, nor an access token of whoever has to change the password', async () => {
  const dan = await addUser(berth, 'dan', { 'team/app': ['push'] });
  const [kept, removed] = [await addAccessToken(berth, dan, 'kept'), await addAccessToken(berth, dan, 'removed')];
  const robot = await addRobot(berth, 'ci', { 'team/app': ['push'] });
  const beginKept = ({ username, password }: Credentials) =>
    begin(
      ...(['PUT', '/v2/team/app/manifests/kept', basic(username, password), second.manifest.bytes] as const),
      second.manifest.mediaType,
    );
  const finish = {
    removed: await beginLatest(authorizationOf(removed)),
    robot: await beginLatest(authorizationOf(robot)),
    whileTheOwnerChanges: await beginKept(kept),
    whileOthersReset: await beginKept(kept),
  };
  expect((await berth.api('DELETE', `/api/v1/tokens/${removed.id}`)).status).toBe(204);
  expect((await berth.api('DELETE', '/api/v1/robots/team%2Bci')).status).toBe(204);
  const change = { currentPassword: dan.password, newPassword: 'four green bottles' };
  const session = await berth.signIn(dan.username, dan.password);
  expect((await berth.api('PUT', '/api/v1/auth/password', change, session)).status).toBe(200);
  expect((await finish.whileTheOwnerChanges())?.status).toBe(201);
  await berth.api('POST', '/api/v1/users/dan/password-reset', { password: 'correct horse battery' });
  for (const refused of [finish.removed, finish.robot, finish.whileOthersReset])
    expect((await refused())?.status).toBe(401);
  expect(await latest()).toEqual(first.manifest.bytes);
});

test('a registry token that only runs out meanwhile is good for what it began', async () => {
  const fay = await addUser(berth, 'fay', { 'team/app': ['push'] });
  const token = await nearlyOver(await berth.token(fay.username, fay.password, 'repository:team/app:pull,push'));
  const authorization = `Bearer ${token}`;
  const { bytes, mediaType } = second.manifest;
  const finish = await begin('PUT', '/v2/team/app/manifests/late', authorization, bytes, mediaType);
  await until('the token has run out', async () => {
    return (await send(berth.url, '/v2/team/app/tags/list', { headers: { authorization } })).status === 401;
  });
  expect((await finish())?.status).toBe(201);
});

/** The same token, signed with the same key, of which a second is left, the leeway included. */
async function nearlyOver(token: string): Promise<string> {
  const [header = '', payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  claims.exp = Math.floor(Date.now() / 1000) - 60 + 2;
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const { signing } = await readKeySet(join(berth.dataDir, 'keys', 'token-keys.json'));
  const signature = sign('sha256', Buffer.from(text), { key: signing.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
