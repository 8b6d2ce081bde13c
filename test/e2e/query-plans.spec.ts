import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, send } from '../support/http.js';
import {
  buildImage,
  buildIndex,
  content,
  descriptor,
  emptyConfig,
  manifestOf,
  randomBytesOf,
} from '../support/images.js';
import { addUser } from '../support/people.js';
import { RecordedStatements } from '../support/recorded-statements.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

const repository = 'team/app';
const image = buildImage({ seed: 'query-plans', layers: [1_000, 200_000] });
const index = buildIndex({ seed: 'query-plans-index', layers: [1_000] });
const blob = content('application/octet-stream', randomBytesOf('query-plans', 1_000));

let recorded: RecordedStatements;
let berth: Berth;
let ann: Credentials;
/** What is done once at the start, whatever was stored before, is not about requests. */
let atStart: ReadonlySet<string>;

beforeAll(async () => {
  recorded = await RecordedStatements.create();
  berth = await startBerth({ env: recorded.env });
  atStart = new Set(await recorded.all());
  ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'] });
});
afterAll(async () => {
  await berth.stop();
  await recorded.remove();
});

/** Every route of the data plane, with every parameter that makes another query of it. */
async function everyRoute(client: RegistryClient): Promise<void> {
  const ask = async (expected: number, method: string, path: string, more: object = {}): Promise<Answer> => {
    const answer = await client.request(repository, path, { method, ...more });
    expect([method, path, answer.status]).toEqual([method, path, expected]);
    return answer;
  };
  await client.push(repository, 'v1', image);
  await client.push(repository, 'index', index);
  await client.push('team/other', 'v1', image);

  const { location } = await client.startUpload(repository);
  await client.append(repository, location, blob.bytes);
  await client.uploadStatus(repository, location);
  await client.finishUpload(repository, location, blob.digest);
  const { location: cancelled } = await client.startUpload(repository);
  await ask(204, 'DELETE', cancelled.slice(`/v2/${repository}/`.length));
  await client.startUpload('team/third', `?mount=${blob.digest}&from=${repository}`);
  await client.startUpload('team/fourth', `?mount=${blob.digest}`);

  for (const method of ['HEAD', 'GET']) {
    await ask(200, method, `blobs/${blob.digest}`);
    await ask(200, method, 'manifests/v1');
    await ask(200, method, `manifests/${image.manifest.digest}`);
    await ask(404, method, 'manifests/unknown');
  }
  const { digest, mediaType, bytes } = image.manifest;
  const manifest = { headers: { 'content-type': mediaType }, body: bytes };
  await ask(201, 'PUT', `manifests/${digest}?tag=a&tag=b`, manifest);
  await client.pushBlob(repository, emptyConfig);
  const referrer = manifestOf({
    artifactType: 'application/vnd.example.sbom',
    config: descriptor(emptyConfig),
    layers: [],
    subject: descriptor(image.manifest),
  });
  await client.putManifest(repository, referrer.digest, referrer);
  for (const query of ['', '?artifactType=application/vnd.example.sbom', '?n=1', `?last=${digest}`]) {
    await ask(200, 'GET', `referrers/${digest}${query}`);
  }
  for (const query of ['', '?n=1', '?n=1&last=a']) await ask(200, 'GET', `tags/list${query}`);
  await ask(202, 'DELETE', 'manifests/a', { actions: 'delete' });
  await ask(202, 'DELETE', `manifests/${index.manifest.digest}`, { actions: 'delete' });
  await ask(202, 'DELETE', `manifests/${digest}`, { actions: 'delete' });
  await ask(202, 'DELETE', `blobs/${blob.digest}`, { actions: 'delete' });
}

async function catalogue({ username, password }: Credentials): Promise<void> {
  const authorization = `Bearer ${await berth.token(username, password, 'registry:catalog:*')}`;
  for (const query of ['', '?n=1', '?n=1&last=team/app']) {
    const { status } = await send(berth.url, `/v2/_catalog${query}`, { headers: { authorization } });
    expect(status).toBe(200);
  }
}

test('no request of the data plane reads a whole table, or sorts what it read', async () => {
  for (const credentials of [berth.admin, ann]) {
    await everyRoute(await RegistryClient.open(berth.url, credentials));
    await catalogue(credentials);
  }
  const statements = (await recorded.all()).filter((sql) => !atStart.has(sql));
  expect(statements.length).toBeGreaterThan(30);
  expect(await recorded.slow(berth.dataDir, statements)).toEqual([]);
});

test('and a statement that did would be told', async () => {
  const slow = await recorded.slow(berth.dataDir, [
    "SELECT name FROM tags WHERE name LIKE '%a'",
    'SELECT name FROM tags WHERE repository_id = ? ORDER BY manifest_id',
  ]);
  expect(slow.map(({ step }) => step)).toEqual([expect.stringMatching(/^SCAN tags/), 'USE TEMP B-TREE FOR ORDER BY']);
});
