import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { basic, send } from '../support/http.js';
import { RegistryClient } from '../support/registry-client.js';
import { Stage } from './bad-input/stage.js';
import { administrator } from './matrix/callers.js';
import { inParallel } from './matrix/walk.js';

/** Every secret there is, by what it is. None of them may be found where it is not asked for (T33). */
const canaries: Record<string, string> = {};
/** Long enough for every rule, and found by its beginning wherever it was cut. */
const canary = (what: string): string => {
  const secret = `Canary-${what}-${randomBytes(9).toString('hex')}`;
  canaries[what] = secret;
  return secret;
};

const secretKey = randomBytes(48).toString('base64');
let stage: Stage;

/** A form, as the realm and the pages take it. */
function form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return send(stage.berth.url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

const json = (path: string, body: string, headers: Record<string, string> = {}) =>
  send(stage.berth.url, path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

beforeAll(async () => {
  stage = await Stage.set({
    env: { BERTH_LOG_LEVEL: 'debug', BERTH_SECRET_KEY: secretKey, BERTH_LAYOUT_MIRROR: 'true' },
  });
  canaries.secretKey = secretKey;
  canaries.admin = stage.berth.admin.password;
  await useEverySecret();
  await misplaceEverySecret();
}, 60_000);

afterAll(() => stage.strike());

/** Each secret is made and used as it is meant to be. */
async function useEverySecret(): Promise<void> {
  const { berth, objects } = stage;
  const user = await objects.newUser('finn', canary('password'));
  const who = { username: user, password: canaries.password ?? '' };
  const page = await form('/sign-in', who);
  canaries.cookie = /berth=([^;]+)/.exec(String(page.headers['set-cookie']))?.[1] ?? '';
  canaries.bearer = await berth.signIn(who.username, who.password);
  canaries.session = canaries.bearer.split('.')[1] ?? '';
  const admin = await administrator(berth);
  canaries.csrf = admin.cookie.csrf ?? '';
  canaries.registryToken = await berth.token(who.username, who.password, 'repository:public/app:pull');
  canaries.signature = canaries.registryToken.split('.')[2] ?? '';
  const offline = await form('/token', {
    grant_type: 'password',
    service: 'berth',
    access_type: 'offline',
    client_id: 'docker',
    ...who,
  });
  canaries.refreshToken = JSON.parse(offline.body.toString()).refresh_token;
  await form('/token', {
    grant_type: 'refresh_token',
    service: 'berth',
    refresh_token: canaries.refreshToken ?? '',
    client_id: 'docker',
  });
  const token = await berth.api('POST', '/api/v1/tokens', { name: 'ci' }, canaries.bearer);
  canaries.accessToken = token.body.secret;
  canaries.rotated = (
    await berth.api('POST', `/api/v1/tokens/${token.body.id}/rotate`, undefined, canaries.bearer)
  ).body.secret;
  const robot = await objects.api('POST', '/robots', { namespace: 'private', name: 'canary' });
  canaries.robot = robot.secret;
  canaries.robotSecond = (await objects.api('POST', '/robots/private%2Bcanary/secrets')).secret;
  await send(berth.url, '/v2/', { headers: { authorization: basic('private+canary', canaries.robot ?? '') } });
  await send(berth.url, '/api/v1/auth/me', { headers: { authorization: basic('finn', canaries.rotated ?? '') } });
  await RegistryClient.open(berth.url, { username: 'private+canary', password: canaries.robot ?? '' });
  await objects.api('POST', '/users/target/password-reset', { password: canary('reset') });
  canaries.initial = (await objects.api('POST', '/users', { username: 'gwen', role: 'user' })).initialPassword;
  const changed = { currentPassword: who.password, newPassword: canary('changed') };
  await berth.api('PUT', '/api/v1/auth/password', changed, canaries.bearer);
  const keys = JSON.parse(await readFile(join(berth.dataDir, 'keys', 'token-keys.json'), 'utf8'));
  canaries.signingKey = keys.signing.privateKey.split('\n')[1];
}

/** Secrets come where they do not belong, and where they are refused. */
async function misplaceEverySecret(): Promise<void> {
  const { password = '', accessToken = '', registryToken = '', refreshToken = '', robot = '', cookie = '' } = canaries;
  const wrong = canary('wrong');
  await inParallel([wrong, password, accessToken, registryToken, refreshToken, robot, cookie], misplace);
  for (const known of [accessToken, robot, refreshToken, registryToken, cookie])
    await send(stage.berth.url, `/api/v1/tokens/${known}`, { method: 'DELETE' }); // one can be told by its look
  await inParallel([wrong, `${accessToken}x`, `${registryToken}x`], mistakeForPassword);
}

/** Where it costs nothing to be refused. */
async function misplace(secret: string): Promise<void> {
  const { url } = stage.berth;
  const text = encodeURIComponent(secret);
  await json('/api/v1/auth/login', `{"username":"finn","password":"${secret}",}`);
  await json('/api/v1/auth/login', JSON.stringify({ username: 'finn', password: { secret } }));
  await json('/api/v1/auth/login', JSON.stringify({ username: 'finn', password: 'x', [secret]: secret }));
  await form('/token', { grant_type: 'refresh_token', service: 'berth', refresh_token: `${secret}x` });
  await send(url, `/token?service=berth&account=finn&password=${text}&refresh_token=${text}`);
  await send(url, `/api/v1/auth/me?access_token=${text}`, { method: 'POST', headers: { 'x-csrf-token': secret } });
  for (const path of ['/v2/', '/api/v1/auth/me', '/token?service=berth', '/account']) {
    for (const authorization of [`Bearer ${secret}x`, `Basic ${secret}`, `Digest ${secret}`])
      await send(url, path, { headers: { authorization } });
    await send(url, path, { headers: { cookie: `berth=${secret}x; flash=${secret}`, 'x-csrf-token': secret } });
  }
}

/** Where it is compared with a password, which takes its time; and where it is given for a name. */
async function mistakeForPassword(secret: string): Promise<void> {
  await json('/api/v1/auth/login', JSON.stringify({ username: 'finn', password: secret }));
  await json('/api/v1/auth/login', JSON.stringify({ username: secret.slice(0, 200), password: 'x' }));
  await form('/sign-in', { username: secret, password: secret });
  await form('/token', { grant_type: 'password', service: 'berth', username: secret, password: secret });
  for (const path of ['/v2/', '/token?service=berth'])
    await send(stage.berth.url, path, { headers: { authorization: basic('finn', secret) } });
}

function hits(place: string, text: string): string[] {
  return Object.entries(canaries).flatMap(([what, secret]) => (text.includes(secret) ? [`${what} in ${place}`] : []));
}

test('every secret is there to be looked for', () => {
  expect(Object.entries(canaries).filter(([, secret]) => typeof secret !== 'string' || secret.length < 16)).toEqual([]);
  expect(Object.keys(canaries).length).toBeGreaterThan(18);
});

test('T33 no secret is in the log', () => {
  const log = stage.berth.output();
  expect(log.split('\n').length).toBeGreaterThan(300);
  expect(hits('the log', log)).toEqual([]);
});

test('T33, H12 no secret is in a file but those of the keys', async () => {
  const { dataDir } = stage.berth;
  const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const own = /^(keys\/|secret\.key$)/;
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || own.test(path.slice(dataDir.length + 1))) continue;
    expect(hits(path, await readFile(path, 'latin1'))).toEqual([]);
  }
});

test('T33 no secret is in an answer to an administrator who reads everything, the record of who did what included', async () => {
  const reads = stage.routes.filter(
    ({ method, surface }) => method === 'GET' && surface !== 'realm' && surface !== 'registry',
  );
  const { cookie, bearer } = await administrator(stage.berth);
  const requests = await Promise.all(
    reads.flatMap((route) => [stage.request(route, route.surface === 'api' ? bearer : cookie)]),
  );
  const found = await stage.complaints(requests, ({ status, headers, body }, { path }) => {
    const seen = hits(path, `${JSON.stringify(headers)}${body}`);
    return (status === 200 || status === 303) && seen.length === 0
      ? undefined
      : `${path} answered ${status}: ${seen.join()}`;
  });
  expect(found).toEqual([]);
});
