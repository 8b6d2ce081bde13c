import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';
import { findTool } from '../support/tools.js';

const rotations = 20;

let berth: Berth;
let developer: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  developer = await addUser(berth, 'developer', { 'team/*': ['push'] });
});

afterAll(() => berth.stop());

const rotate = () => berth.api('POST', '/api/v1/system/keys:rotate');
const publishedKids = async (): Promise<string[]> =>
  JSON.parse((await send(berth.url, '/.well-known/jwks.json')).body.toString()).keys.map(
    ({ kid }: { kid: string }) => kid,
  );

test('a rotation shows the new key first and the old one for as long as it verifies', async () => {
  const token = await berth.token(developer.username, developer.password);
  const [old] = await publishedKids();
  const { status, body } = await rotate();
  expect(status).toBe(200);
  expect(body).toEqual({
    ...{ kid: expect.any(String), algorithm: 'ES256', status: 'signing', createdAt: expect.any(String) },
    ...{ retiredAt: null, verifiesUntil: null },
  });
  const listed = await berth.api('GET', '/api/v1/system/keys');
  expect(listed.body.items.map(({ kid }: { kid: string }) => kid)).toEqual([body.kid, old]);
  expect(JSON.stringify(listed.body)).not.toMatch(/private|"d"|PRIVATE/);
  expect(await publishedKids()).toEqual([body.kid, old]);
  expect((await stat(join(berth.dataDir, 'keys', 'token-keys.json'))).mode & 0o777).toBe(0o600);
  const ping = () => send(berth.url, '/v2/', { headers: { authorization: `Bearer ${token}` } });
  expect((await ping()).status).toBe(200);
  await berth.restart();
  expect((await ping()).status).toBe(200);
  expect(await publishedKids()).toEqual([body.kid, old]);
});

test('nobody but an administrator rotates or lists keys', async () => {
  const user = await berth.signIn(developer.username, developer.password);
  for (const [method, path] of [
    ['POST', '/api/v1/system/keys:rotate'],
    ['GET', '/api/v1/system/keys'],
  ] as const) {
    expect((await berth.api(method, path, undefined, null)).status).toBe(401);
    expect((await berth.api(method, path, undefined, user)).status).toBe(403);
  }
});

/** Pushes image after image, some with a token each and some with an old one, until told to stop. */
async function pushLoop(url: string, repository: string, stopped: () => boolean): Promise<number> {
  const kept = await RegistryClient.open(url, developer);
  let pushes = 0;
  while (!stopped() || pushes < 4) {
    const client = pushes % 2 === 0 ? kept : await RegistryClient.open(url, developer);
    const image = buildImage({ seed: `${repository}-${pushes}`, layers: [2_000] });
    await client.push(repository, 'latest', image);
    if ((await client.pull(repository, 'latest')) !== image.manifest.digest) throw new Error('another image came back');
    pushes += 1;
  }
  return pushes;
}

test(`a push loop goes on through ${rotations} rotations without a failure, here and at CNCF Distribution`, async () => {
  let fronted: DockerRegistry | undefined;
  if (findTool('docker-registry')) {
    fronted = await startDockerRegistry({
      ...{ realm: `${berth.url}/token`, service: 'berth', issuer: 'berth' },
      rootcertbundle: join(berth.dataDir, 'keys', 'ca.pem'),
    });
  }
  try {
    let done = false;
    const stopped = () => done;
    const loops = [
      pushLoop(berth.url, 'team/one', stopped),
      pushLoop(berth.url, 'team/two', stopped),
      ...(fronted ? [pushLoop(fronted.url, 'team/three', stopped)] : []),
    ];
    const all = Promise.all(loops);
    all.catch(() => undefined); // told below, after the rotations
    for (let count = 0; count < rotations; count++) {
      expect((await rotate()).status).toBe(200);
      await berth.api('GET', '/api/v1/system/keys');
    }
    done = true;
    for (const pushes of await all) expect(pushes).toBeGreaterThan(0);
    expect((await publishedKids()).length).toBeGreaterThan(rotations);
  } finally {
    await fronted?.stop();
  }
}, 120_000);
