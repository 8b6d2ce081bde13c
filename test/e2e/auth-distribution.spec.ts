import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.js';
import { send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';

requireTool('docker-registry')('CNCF Distribution behind our token realm', () => {
  let berth: Berth;
  let registry: DockerRegistry;

  beforeAll(async () => {
    berth = await startBerth();
    registry = await startDockerRegistry({
      realm: `${berth.url}/token`,
      service: 'berth',
      issuer: 'berth',
      rootcertbundle: join(berth.dataDir, 'keys', 'ca.pem'),
    });
  });

  afterAll(async () => {
    await registry?.stop();
    await berth?.stop();
  });

  test('takes our tokens by their certificate chain, as far as they go', async () => {
    const image = buildImage({ seed: 'fronted', layers: [1000] });
    const pusher = await RegistryClient.open(registry.url, await addUser(berth, 'pusher', { 'team/*': ['push'] }));
    await pusher.push('team/app', 'v1', image);
    expect(await pusher.pull('team/app', 'v1')).toBe(image.manifest.digest);
    const reader = await RegistryClient.open(registry.url, await addUser(berth, 'reader', { 'team/app': ['pull'] }));
    expect(await reader.pull('team/app', 'v1')).toBe(image.manifest.digest);
    expect((await reader.startUpload('team/app')).status).toBe(401);
    expect((await pusher.getManifest('other/app', 'v1')).status).toBe(401);
  });

  test('takes nobody else’s', async () => {
    const answer = await send(registry.url, '/v2/', {
      headers: { authorization: `Bearer ${await berth.signIn('admin', berth.admin.password)}` },
    });
    expect(answer.status).toBe(401);
  });
});
