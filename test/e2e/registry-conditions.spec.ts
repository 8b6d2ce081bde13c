import { truncate } from 'node:fs/promises';
import { type Berth, startBerth } from '../support/berth.js';
import { buildImage, content, randomBytesOf, sha256 } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';

const repository = 'team/conditions';
const image = buildImage({ seed: 'conditions', layers: [1000] });
const small = content('', randomBytesOf('condition small', 2_000));
const large = content('', randomBytesOf('condition large', 200_000));
const other = sha256(Buffer.from('other'));

let berth: Berth;
let client: RegistryClient;
beforeAll(async () => {
  berth = await startBerth();
  client = await RegistryClient.open(berth.url, berth.admin);
  await client.push(repository, 'v1', image);
  for (const blob of [small, large]) await client.pushBlob(repository, blob);
});
afterAll(() => berth?.stop());

const ask = (method: string, path: string, condition: string) =>
  client.request(repository, path, { method, headers: { 'if-none-match': condition } });

describe.each([
  ['a tag', 'manifests/v1', image.manifest],
  ['a manifest', `manifests/${image.manifest.digest}`, image.manifest],
  ['a small blob', `blobs/${small.digest}`, small],
  ['a large blob', `blobs/${large.digest}`, large],
])('B59 If-None-Match of %s (RFC 9110 §13.1.2)', (_name, path, { digest, bytes }) => {
  describe.each(['GET', 'HEAD'])('%s', (method) => {
    test.each(['*', `"${digest}"`, `W/"${digest}"`, `"${other}", "${digest}"`, `"${other}",W/"a,b" ,\tW/"${digest}"`])(
      '%s is 304',
      async (condition) => {
        const { status, headers, body } = await ask(method, path, condition);
        expect([status, headers.etag, headers['docker-content-digest'], body.length]).toEqual([
          304,
          `"${digest}"`,
          digest,
          0,
        ]);
      },
    );

    test.each([`"${other}"`, `W/"${other}"`, `"${digest}x"`, `"x${digest}"`, `"*"`, '"', ''])(
      '%s is 200',
      async (condition) => {
        const { status, headers, body } = await ask(method, path, condition);
        expect([status, headers['content-length']]).toEqual([200, String(bytes.length)]);
        expect(body.length).toBe(method === 'GET' ? bytes.length : 0);
      },
    );
  });
});

test('what is not there, or is damaged, has no 304 in answer to HEAD, so that the next push brings it again', async () => {
  for (const path of [`manifests/${other}`, `blobs/${other}`]) expect((await ask('HEAD', path, '*')).status).toBe(404);
  await truncate(blobFile(berth.dataDir, large.digest), 100);
  expect((await ask('HEAD', `blobs/${large.digest}`, `"${large.digest}"`)).status).toBe(404);
});
