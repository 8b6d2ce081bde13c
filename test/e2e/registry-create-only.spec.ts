import { type Berth, startBerth } from '../support/berth.js';
import { jsonOf } from '../support/http.js';
import { type BuiltImage, buildImage } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const repository = 'team/app';
const [first, second] = ['first', 'second'].map((seed) => buildImage({ seed, layers: [300] })) as [
  BuiltImage,
  BuiltImage,
];

let berth: Berth;
let client: RegistryClient;
beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_LAYOUT_MIRROR: 'false' } });
  client = await RegistryClient.open(berth.url, berth.admin);
  await client.push(repository, 'first', first);
  await client.push(repository, 'second', second);
});
afterAll(() => berth.stop());

async function put({ manifest }: BuiltImage, reference: string, condition: Record<string, string>) {
  const headers = { 'content-type': manifest.mediaType, ...condition };
  return await client.request(repository, `manifests/${reference}`, { method: 'PUT', headers, body: manifest.bytes });
}
const pointsTo = async (tag: string) =>
  (await client.request(repository, `manifests/${tag}`, { method: 'HEAD', actions: 'pull' })).headers[
    'docker-content-digest'
  ];
const createOnly = { 'if-none-match': '*' };

test('If-None-Match: * makes a tag and never moves one', async () => {
  expect((await put(first, 'v1', createOnly)).status).toBe(201);
  for (const image of [first, second]) {
    const again = await put(image, 'v1', createOnly);
    expect([again.status, jsonOf(again).errors[0].message]).toEqual([412, expect.stringMatching(/./)]);
  }
  expect(await pointsTo('v1')).toBe(first.manifest.digest);
  expect((await put(second, 'v1', {})).status).toBe(201);
});

test('of many at once one makes it', async () => {
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, number) => put(number % 2 === 0 ? first : second, 'raced', createOnly)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 15 }, () => 412)]);
  const winner = answers.find(({ status }) => status === 201);
  expect(await pointsTo('raced')).toBe(winner?.headers['docker-content-digest']);
});

test('it speaks of every tag that is named, and all or none of them are made', async () => {
  expect((await put(first, `${first.manifest.digest}?tag=free&tag=first`, createOnly)).status).toBe(412);
  expect((await put(second, 'free?tag=first', createOnly)).status).toBe(412);
  expect(await pointsTo('free')).toBeUndefined();
  expect(await pointsTo('first')).toBe(first.manifest.digest);
  expect((await put(first, 'free?tag=free-too', createOnly)).status).toBe(201);
  expect(await pointsTo('free-too')).toBe(first.manifest.digest);
});

test('a repository is not made by what is refused', async () => {
  const headers = { 'content-type': first.manifest.mediaType, 'if-match': '*' };
  const path = 'manifests/v1';
  const answer = await client.request('team/none', path, { method: 'PUT', headers, body: first.manifest.bytes });
  expect(answer.status).toBe(412);
  expect((await berth.api('GET', '/api/v1/repositories/team%2Fnone')).status).toBe(404);
});

test('If-Match moves a tag only from where the client has seen it', async () => {
  await put(first, 'moving', {});
  expect((await put(second, 'moving', { 'if-match': `"${second.manifest.digest}"` })).status).toBe(412);
  expect(await pointsTo('moving')).toBe(first.manifest.digest);
  expect((await put(second, 'moving', { 'if-match': `"${first.manifest.digest}"` })).status).toBe(201);
  expect(await pointsTo('moving')).toBe(second.manifest.digest);
});

test('the same over REST', async () => {
  const path = `${berth.url}/api/v1/repositories/team%2Fapp/tags/rest`;
  const authorization = `Bearer ${await berth.signIn('admin', berth.admin.password)}`;
  const headers = { authorization, 'content-type': 'application/json', ...createOnly };
  const move = async (reference: string) =>
    (await fetch(path, { method: 'PUT', headers, body: JSON.stringify({ reference }) })).status;
  expect([await move('first'), await move('second')]).toEqual([201, 412]);
  expect(await pointsTo('rest')).toBe(first.manifest.digest);
});
