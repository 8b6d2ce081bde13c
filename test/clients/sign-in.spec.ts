import { readFile } from 'node:fs/promises';
import { type Berth, startBerth } from '../support/berth.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';
import { requireRoot, requireTool } from '../support/tools.js';
import { succeed } from './client.js';
import { ContainersStorage } from './containers-storage.js';
import { addEveryCredential, type EveryCredential, signsInByEveryCredential } from './credentials.js';
import { Docker } from './docker.js';
import { Skopeo } from './skopeo.js';

let berth: Berth;
let proxy: RecordingProxy;
let person: Credentials;
let who: EveryCredential;
const image = buildImage({ seed: 'sign-in', layers: [20_000] });

beforeAll(async () => {
  berth = await startBerth();
  proxy = await startRecordingProxy(berth.url);
  who = await addEveryCredential(berth);
  person = who['a password'];
}, 60_000);

afterAll(async () => {
  await proxy?.stop();
  await berth?.stop();
});

requireTool('skopeo')('skopeo', () =>
  signsInByEveryCredential(
    () => Skopeo.start(proxy.host),
    () => who,
  ),
);

requireRoot('podman')('podman', () =>
  signsInByEveryCredential(
    () => ContainersStorage.start('podman', proxy.host),
    () => who,
  ),
);

requireRoot(
  'docker',
  'dockerd',
  'containerd',
  'runc',
)('docker', () => {
  signsInByEveryCredential(
    () => Docker.start(proxy.host),
    () => who,
  );

  describe('with a refresh token', () => {
    let docker: Docker;
    beforeAll(async () => {
      docker = await Docker.start(proxy.host);
      await (await RegistryClient.open(berth.url, person)).push('team/app', 'v1', image);
    }, 60_000);
    afterAll(() => docker?.close());

    const kept = async () => {
      const config = JSON.parse(await readFile(docker.configFile, 'utf8'));
      return config.auths?.[proxy.host];
    };
    const clients = async (session: string) =>
      (await berth.api('GET', '/api/v1/auth/sessions', undefined, session)).body.items.filter(
        ({ kind }: { kind: string }) => kind === 'refresh-token',
      );

    test('pulls ten times from one sign-in, until it is revoked', async () => {
      const session = await berth.signIn(person.username, person.password);
      succeed(await docker.login(person.username, person.password));
      const { identitytoken, auth } = await kept();
      expect(identitytoken).toMatch(/^berth_ref_/);
      expect(Buffer.from(auth, 'base64').toString()).not.toContain(person.password);
      proxy.take();
      for (let time = 0; time < 10; time++) succeed(await docker.pull('team/app:v1'));
      const asked = proxy.take().filter(({ path }) => path.startsWith('/token'));
      expect(asked.length).toBeGreaterThanOrEqual(10);
      expect(asked.filter(({ method, status }) => method !== 'POST' || status !== 200)).toEqual([]);
      expect((await kept()).identitytoken).toBe(identitytoken);
      for (const { id, clientId } of await clients(session)) {
        expect(clientId).toBe('docker');
        expect((await berth.api('DELETE', `/api/v1/auth/sessions/${id}`, undefined, session)).status).toBe(204);
      }
      const refused = await docker.pull('team/app:v1');
      expect(refused.code).not.toBe(0);
      expect(`${refused.stdout}${refused.stderr}`).toMatch(/refresh token is not valid|unauthorized|denied/i);
    }, 180_000);

    test('forgets it by signing out, and keeps the secret itself of an access token', async () => {
      succeed(await docker.login(person.username, person.password));
      expect((await kept()).identitytoken).toMatch(/^berth_ref_/);
      succeed(await docker.logout());
      expect(await kept()).toBeUndefined();
      const token = who['a personal access token'];
      succeed(await docker.login(token.username, token.password));
      expect(await kept()).not.toHaveProperty('identitytoken');
    }, 60_000);

    requireTool('skopeo')('whose file skopeo reads', () => {
      test('pulls with docker’s refresh token', async () => {
        succeed(await docker.login(person.username, person.password));
        const skopeo = await Skopeo.start(proxy.host, { authFile: docker.configFile });
        try {
          succeed(await skopeo.pull('team/app:v1'));
        } finally {
          await skopeo.close();
        }
      }, 60_000);
    });

    test.each(['a password', 'a personal access token'] as const)(
      'finds what one may see after signing in with %s',
      async (kind) => {
        await berth.api('POST', '/api/v1/repositories', { name: 'hidden/app', visibility: 'private' });
        succeed(await docker.login(who[kind].username, who[kind].password));
        const found = await docker.run('search', '--format', '{{.Name}}', docker.at('app'));
        succeed(found);
        expect(found.stdout.trim().split('\n')).toEqual(['team/app']);
        succeed(await docker.logout());
        expect((await docker.run('search', docker.at('app'))).code).not.toBe(0);
      },
      60_000,
    );

    test('names the image that is not there', async () => {
      const { username, password } = await addUser(berth, 'seeker', { 'team/*': ['push'] });
      succeed(await docker.login(username, password));
      await (await RegistryClient.open(berth.url, { username, password })).push('team/found', 'a', image);
      for (const name of ['team/found:b', 'team/never:a']) {
        const { code, stderr } = await docker.run('pull', docker.at(name));
        expect([code === 0, stderr]).toEqual([false, expect.stringContaining(docker.at(name.split(':')[0] ?? ''))]);
      }
    }, 60_000);

    test('says of a locked account for how long', async () => {
      const { username, password } = await addUser(berth, 'locked');
      for (let attempt = 0; attempt < 10; attempt++)
        expect((await docker.login(username, `${password}!`)).stderr).toContain('wrong username or password');
      const { code, stderr } = await docker.login(username, password);
      expect([code === 0, stderr]).toEqual([
        false,
        expect.stringMatching(/too many failed sign-ins .*: try again in \d+ (?:second|minute)s/),
      ]);
    }, 120_000);

    test('tells a reader which right a push lacks', async () => {
      const reader = await addUser(berth, 'reader', { 'team/app': ['pull'] });
      succeed(await docker.login(reader.username, reader.password));
      const refused = await docker.push(buildImage({ seed: 'refused', layers: [1_000] }), 'team/app:v2');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('push on team/app is not granted to you');
    }, 60_000);
  });
});
