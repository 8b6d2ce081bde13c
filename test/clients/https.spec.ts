import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allOf } from '../support/all-of.js';
import { type Berth, startBerth } from '../support/berth.js';
import { writeIssuedCertificate } from '../support/certificate.js';
import { buildImage, MiB, sha256 } from '../support/images.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';
import { requireRoot, requireTool } from '../support/tools.js';
import { type Client, succeed } from './client.js';
import { ContainersStorage } from './containers-storage.js';
import { layersInRegistry } from './contract.js';
import { Docker } from './docker.js';
import { Skopeo } from './skopeo.js';

/** This machine, as is 127.0.0.1, where docker however would ask for no certificate. */
const address = '0.0.0.0';

let directory: string;
let berth: Berth;
let developer: Credentials;
const image = buildImage({ seed: 'https', layers: [20_000, 12 * MiB] });
const diffIds = image.layerTars.map(sha256);

/** HTTPS by Berth itself, with a certificate that the authority of the operator issued, as a client meets it. */
function clientOverHttps(start: (host: string, authorities: string) => Promise<Client>): void {
  let client: Client;
  let authorities: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-https-'));
    authorities = join(directory, 'known');
    await mkdir(authorities);
    berth = await startBerth({ env: { ...(await writeIssuedCertificate(directory, address)) } });
    developer = await addUser(berth, 'developer', { 'team/*': ['push'] });
    client = await start(`${address}:${new URL(berth.url).port}`, authorities);
  }, 60_000);
  afterAll(async () => {
    await allOf(client?.close(), berth?.stop());
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  const know = () => copyFile(join(directory, 'ca.crt'), join(authorities, 'ca.crt'));
  const forget = () => rm(join(authorities, 'ca.crt'), { force: true });

  it('signs in, pushes a layer of some MiB, and pulls it byte for byte', async () => {
    await know();
    succeed(await client.login(developer.username, developer.password));
    succeed(await client.push(image, 'team/app:v1'));
    expect(await layersInRegistry(berth, 'team/app', 'v1')).toEqual(diffIds);
    succeed(await client.pull('team/app:v1'));
    expect(await client.layers('team/app:v1')).toEqual(diffIds);
  }, 120_000);

  it('refuses to speak to it by its own check while it does not know the authority', async () => {
    await know();
    succeed(await client.login(developer.username, developer.password));
    await forget();
    const attempts = [
      () => client.login(developer.username, developer.password),
      () => client.push(buildImage({ seed: 'unknown', layers: [1_000] }), 'team/unknown:v1'),
      () => client.pull('team/app:v1'),
    ];
    for (const attempt of attempts) {
      const { code, stdout, stderr } = await attempt();
      expect(code).not.toBe(0);
      expect(`${stdout}${stderr}`).toContain('x509: certificate signed by unknown authority');
    }
    expect((await berth.api('GET', '/api/v1/repositories?q=unknown')).body.items).toEqual([]);
  }, 120_000);
}

requireTool('skopeo', 'openssl')('skopeo over HTTPS', () => {
  clientOverHttps((host, authorities) => Skopeo.start(host, { authorities }));
});

for (const command of ['podman', 'buildah'] as const) {
  requireRoot(command, 'openssl')(`${command} over HTTPS`, () => {
    clientOverHttps((host, authorities) => ContainersStorage.start(command, host, authorities));
  });
}

requireRoot(
  'docker',
  'dockerd',
  'containerd',
  'runc',
  'openssl',
)('docker over HTTPS', () => {
  clientOverHttps((host, authorities) => Docker.start(host, authorities));
});
