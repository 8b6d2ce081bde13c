import { allOf } from '../support/all-of.js';
import type { Berth } from '../support/berth.js';
import { buildImage, buildIndex, sha256 } from '../support/images.js';
import { addUser, grant } from '../support/people.js';
import { type Exchange, type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';
import { describeEachWay, type Way } from '../support/ways.js';
import { type Client, plain, succeed } from './client.js';

const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' };

/** What every client must be able to do with Berth, and must be refused, on every way. Call it inside the client's own `describe`. */
export function clientContract(start: (host: string) => Promise<Client>): void {
  describeEachWay({}, (way) => contract(way, start), ['directly', 'through nginx, which sends the blobs']);
}

function contract(way: () => Way, start: (host: string) => Promise<Client>): void {
  let berth: Berth;
  let proxy: RecordingProxy;
  let client: Client;
  let developer: Credentials;
  let reader: Credentials;
  let stranger: Credentials;
  const image = buildImage({ seed: 'contract', layers: [300_000, 20_000, 70_000] });
  const diffIds = image.layerTars.map(sha256);

  beforeAll(async () => {
    berth = way().berth;
    proxy = await startRecordingProxy(way().url);
    developer = await addUser(berth, 'developer', { 'team/*': ['push'] });
    reader = await addUser(berth, 'reader', { 'team/*': ['pull'] });
    stranger = await addUser(berth, 'stranger');
    client = await start(proxy.host);
  }, 60_000);

  afterAll(async () => {
    await allOf(client?.close(), proxy?.stop());
  }, 60_000);

  afterEach(() => {
    const faults = proxy.take().filter((exchange) => exchange.status >= 500);
    expect(faults).toEqual([]);
  });

  const signIn = async ({ username, password }: Credentials) => succeed(await client.login(username, password));

  it('signs in, pushes a new repository below its prefix, and pulls it byte for byte', async () => {
    await signIn(developer);
    succeed(await client.push(image, 'team/new:v1'));
    expect(await layersInRegistry(berth, 'team/new', 'v1')).toEqual(diffIds);
    succeed(await client.pull('team/new:v1'));
    expect(await client.layers('team/new:v1')).toEqual(diffIds);
  }, 120_000);

  it('pushes an index and pulls the image of a chosen platform', async () => {
    const index = buildIndex({ seed: 'contract-index', layers: [40_000, 2_000] });
    await signIn(developer);
    succeed(await client.pushIndex(index, 'team/multi:v1'));
    for (const built of index.images) {
      succeed(await client.pull('team/multi:v1', built.platform));
      expect(await client.layers('team/multi:v1')).toEqual(built.layerTars.map(sha256));
    }
    expect(index.images.at(-1)?.platform).toEqual(arm);
  }, 120_000);

  it('mounts the layers of another repository instead of sending them again', async () => {
    await signIn(developer);
    succeed(await client.push(image, 'team/base:v1'));
    proxy.take();
    succeed(await client.derive('team/base:v1', 'team/derived:v1'));
    const sent = proxy.take();
    expect(sent.filter(isMount).length).toBeGreaterThanOrEqual(diffIds.length);
    expect(sent.filter(isSent).length).toBeLessThanOrEqual(1); // some clients send the small config anew
    expect(await layersInRegistry(berth, 'team/derived', 'v1')).toEqual(diffIds);
  }, 120_000);

  it('is refused with a wrong password', async () => {
    if (client.signsIn) {
      expect((await client.login(developer.username, 'not the password')).code).not.toBe(0);
      return;
    }
    await client.login(developer.username, 'not the password');
    expect((await client.pull('team/new:v1')).code).not.toBe(0);
  }, 60_000);

  it('may pull but not push with a grant to pull', async () => {
    await signIn(reader);
    succeed(await client.pull('team/new:v1'));
    const other = buildImage({ seed: 'forbidden', layers: [1_000] });
    const refused = await client.push(other, 'team/new:v2');
    expect(refused.code).not.toBe(0);
    expect(`${refused.stdout}${refused.stderr}`).toMatch(/denied|unauthorized|forbidden|insufficient|authorization/i);
    expect((await tagsOf(berth, 'team/new')).includes('v2')).toBe(false);
  }, 120_000);

  it('learns nothing about what exists without any right', async () => {
    await signIn(stranger);
    proxy.take();
    const existing = await client.pull('team/new:v1');
    const seenExisting = proxy.take();
    const missing = await client.pull('team/nix:v1');
    const seenMissing = proxy.take();
    expect(existing.code).not.toBe(0);
    expect(missing.code).toBe(existing.code);
    expect(seenMissing.map(masked)).toEqual(seenExisting.map(masked));
  }, 60_000);

  it('is refused from the next request on once the grant is revoked, although its token is still valid', async () => {
    const guest = await addUser(berth, 'guest');
    const revoke = await grant(berth, 'guest', 'team/new', ['pull']);
    await signIn(guest);
    succeed(await client.pull('team/new:v1'));
    const raw = await RegistryClient.open(berth.url, guest);
    expect((await raw.getManifest('team/new', 'v1')).status).toBe(200);
    await revoke();
    expect([401, 403]).toContain((await raw.getManifest('team/new', 'v1')).status);
    expect((await client.pull('team/new:v1')).code).not.toBe(0);
  }, 60_000);

  it('is nobody again after signing out', async () => {
    await signIn(developer);
    succeed(await client.pull('team/new:v1'));
    succeed(await client.logout());
    expect((await client.pull('team/new:v1')).code).not.toBe(0);
  }, 60_000);
}

/** What the registry holds under a tag, seen by our own client: every digest recomputed, layers without compression. */
export async function layersInRegistry(berth: Berth, repository: string, tag: string): Promise<string[]> {
  const client = await RegistryClient.open(berth.url, berth.admin);
  await client.pull(repository, tag);
  const manifest = JSON.parse((await client.getManifest(repository, tag)).body.toString());
  const layers = manifest.layers.map(async ({ digest }: { digest: string }) => {
    return sha256(plain((await client.getBlob(repository, digest)).body));
  });
  return Promise.all(layers);
}

async function tagsOf(berth: Berth, repository: string): Promise<string[]> {
  const client = await RegistryClient.open(berth.url, berth.admin);
  return JSON.parse((await client.request(repository, 'tags/list', { actions: 'pull' })).body.toString()).tags;
}

function isMount({ method, path, status }: Exchange): boolean {
  return method === 'POST' && path.includes('mount=') && path.includes('from=') && status === 201;
}

function isSent({ method, status }: Exchange): boolean {
  return method === 'PATCH' && status === 202;
}

/** An exchange without the name that was asked for. */
function masked({ method, path, status }: Exchange): string {
  return `${method} ${path.replaceAll(/team(\/|%2F)(new|nix)/g, 'team/…')} ${status}`;
}
