import { createHash } from 'node:crypto';
import { type Berth, startBerth } from '../support/berth.js';
import { jsonOf } from '../support/http.js';
import { content, descriptor, emptyConfig, manifestOf, randomBytesOf, sha256 } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const repository = 'team/app';
const sha512 = (bytes: Buffer) => `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
/** The two names of the same bytes. */
const namesOf = (bytes: Buffer) => [sha256(bytes), sha512(bytes)] as const;

let berth: Berth;
let client: RegistryClient;

beforeEach(async () => {
  berth = await startBerth();
  client = await RegistryClient.open(berth.url, berth.admin);
});
afterEach(() => berth.stop());

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  client.request(repository, path, { method, headers, actions: method === 'DELETE' ? 'delete' : 'pull' });

async function pushBlob(bytes: Buffer, digest: string): Promise<void> {
  const { location } = await client.startUpload(repository);
  expect((await client.finishUpload(repository, location, digest, bytes)).status).toBe(201);
}

/** Whatever names the bytes: an answer speaks of the name it was asked by, and a copy of the other is no copy of it. */
async function expectBoth(kind: 'blobs' | 'manifests', bytes: Buffer): Promise<void> {
  for (const digest of namesOf(bytes)) {
    for (const other of namesOf(bytes)) {
      const headers = { 'if-none-match': `"${other}"` };
      const { status, headers: answered, body } = await ask('GET', `${kind}/${digest}`, headers);
      expect([status, body]).toEqual(other === digest ? [304, Buffer.alloc(0)] : [200, bytes]);
      expect([answered['docker-content-digest'], answered.etag]).toEqual([digest, `"${digest}"`]);
    }
    const head = await ask('HEAD', `${kind}/${digest}`);
    expect([head.status, head.headers['docker-content-digest']]).toEqual([200, digest]);
  }
}

test.each([2_000, 200_000])('T39 %i bytes under sha256 and sha512 are two blobs', async (size) => {
  const bytes = randomBytesOf(`two names ${size}`, size);
  const [short, long] = namesOf(bytes);
  await pushBlob(bytes, short);
  expect((await ask('HEAD', `blobs/${long}`)).status).toBe(404);
  await pushBlob(bytes, long);
  await expectBoth('blobs', bytes);
  expect((await ask('DELETE', `blobs/${short}`)).status).toBe(202);
  expect((await ask('HEAD', `blobs/${short}`)).status).toBe(404);
  expect((await ask('GET', `blobs/${long}`)).body).toEqual(bytes);
});

test('T39 a blob is in use by the name that a manifest gives it', async () => {
  const layer = content('application/octet-stream', randomBytesOf('in use', 1_000));
  const [short, long] = namesOf(layer.bytes);
  await client.pushBlob(repository, emptyConfig);
  const manifest = manifestOf({ config: descriptor(emptyConfig), layers: [{ ...descriptor(layer), digest: long }] });
  await pushBlob(layer.bytes, short);
  const refused = await client.putManifest(repository, 'v1', manifest);
  expect([refused.status, jsonOf(refused).errors[0]]).toEqual([
    400,
    expect.objectContaining({ code: 'MANIFEST_BLOB_UNKNOWN', detail: { digest: long } }),
  ]);
  await pushBlob(layer.bytes, long);
  expect((await client.putManifest(repository, 'v1', manifest)).status).toBe(201);
  expect((await ask('DELETE', `blobs/${long}`)).status).toBe(405);
  expect((await ask('DELETE', `blobs/${short}`)).status).toBe(202);
});

test('T39 the same bytes under sha256 and sha512 are two manifests, each with its tags and referrers', async () => {
  await client.pushBlob(repository, emptyConfig);
  const image = manifestOf({ config: descriptor(emptyConfig), layers: [] });
  const [short, long] = namesOf(image.bytes);
  const pushed = await client.putManifest(repository, 'short', image);
  expect([pushed.status, pushed.headers['docker-content-digest']]).toEqual([201, short]);
  expect((await ask('HEAD', `manifests/${long}`)).status).toBe(404);
  const again = await client.putManifest(repository, `${long}?tag=long&tag=moved`, image);
  expect([again.status, again.headers['docker-content-digest'], again.headers.location]).toEqual([
    201,
    long,
    `/v2/${repository}/manifests/${long}`,
  ]);
  await expectBoth('manifests', image.bytes);
  const pointsTo = async (tag: string) => (await ask('HEAD', `manifests/${tag}`)).headers['docker-content-digest'];
  expect(await Promise.all(['short', 'long', 'moved'].map(pointsTo))).toEqual([short, long, long]);
  await client.putManifest(repository, 'moved', image);
  expect(await pointsTo('moved')).toBe(short);

  for (const [digest, note] of [
    [short, 'of the short name'],
    [long, 'of the long name'],
  ]) {
    const subject = { ...descriptor(image), digest };
    const about = manifestOf({ config: descriptor(emptyConfig), layers: [], subject, annotations: { note } });
    const answer = await client.putManifest(repository, about.digest, about);
    expect([answer.status, answer.headers['oci-subject']]).toEqual([201, digest]);
    const { manifests } = jsonOf(await ask('GET', `referrers/${digest}`));
    expect(manifests.map((found: { annotations: object }) => found.annotations)).toEqual([{ note }]);
  }

  expect((await ask('DELETE', `manifests/${short}`)).status).toBe(202);
  for (const reference of [short, 'short', 'moved']) {
    expect([reference, (await ask('HEAD', `manifests/${reference}`)).status]).toEqual([reference, 404]);
  }
  for (const reference of [long, 'long'])
    expect((await ask('GET', `manifests/${reference}`)).body).toEqual(image.bytes);
  await berth.restart();
  for (const reference of [long, 'long'])
    expect((await ask('GET', `manifests/${reference}`)).body).toEqual(image.bytes);
});
