import { createHash } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, jsonOf, send } from '../support/http.js';
import {
  buildImage,
  buildIndex,
  type Content,
  content,
  descriptor,
  emptyConfig,
  manifestOf,
  randomBytesOf,
  types,
} from '../support/images.js';
import { addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';

const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';

let berth: Berth;
let client: RegistryClient;

beforeAll(async () => {
  berth = await startBerth();
  const ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'] });
  client = await RegistryClient.open(berth.url, ann);
});

afterAll(() => berth.stop());

const remove = (repository: string, path: string) =>
  client.request(repository, path, { method: 'DELETE', actions: 'delete' });

async function put(repository: string, reference: string, what: Content): Promise<Answer> {
  const answer = await client.putManifest(repository, reference, what);
  expect([answer.status, answer.body.toString()]).toEqual([201, '']);
  return answer;
}

describe('manifests', () => {
  const image = buildImage({ seed: 'content', layers: [1000, 2000] });
  beforeAll(() => client.push('team/app', 'v1', image));

  test('come back byte for byte with their own type, by tag and by digest, and HEAD says the same', async () => {
    for (const reference of ['v1', image.manifest.digest]) {
      const got = await client.getManifest('team/app', reference);
      expect(got.body).toEqual(image.manifest.bytes);
      expect(got.headers['content-type']).toBe(image.manifest.mediaType);
      expect(got.headers['docker-content-digest']).toBe(image.manifest.digest);
      expect(got.headers['content-security-policy']).toContain('sandbox');
      const head = await client.request('team/app', `manifests/${reference}`, { method: 'HEAD' });
      expect([head.status, head.body.length]).toEqual([200, 0]);
      for (const name of ['content-type', 'content-length', 'docker-content-digest', 'etag']) {
        expect(head.headers[name]).toBe(got.headers[name]);
      }
    }
  });

  test('are answered with what every client looks at', async () => {
    const answer = await put('team/app', 'v2', image.manifest);
    expect(answer.headers['docker-content-digest']).toBe(image.manifest.digest);
    expect(answer.headers.location).toBe(`/v2/team/app/manifests/${image.manifest.digest}`);
    expect((await client.request('team/app', `manifests/${image.manifest.digest}`)).body).toEqual(image.manifest.bytes);
  });

  test('keep every byte: white space, other languages, and sizes up to the limit', async () => {
    await client.pushBlob('team/app', emptyConfig);
    for (const size of [0, 11_000, 13_000, 4_000_000]) {
      const odd = manifestOf({
        config: descriptor(emptyConfig),
        layers: [],
        annotations: { text: `数据 ${'é'.repeat(size / 2)}` },
      });
      await put('team/app', `size-${size}`, odd);
      expect((await client.getManifest('team/app', `size-${size}`)).body.equals(odd.bytes)).toBe(true);
    }
  });

  test('Docker and OCI, indexes and indexes of indexes', async () => {
    const index = buildIndex({ seed: 'content', layers: [500] });
    await client.push('team/app', 'multi', index);
    const nested = manifestOf({ manifests: [descriptor(index.manifest)] }, types.index);
    await put('team/app', 'nested', nested);
    await put('team/app', 'none', manifestOf({ manifests: [] }, types.index));
    await put('team/app', 'docker', manifestOf({ config: descriptor(image.config), layers: [] }, dockerManifest));
    expect(await client.pull('team/app', 'nested')).toBe(nested.digest);
  });

  test('under SHA-512', async () => {
    const digest = `sha512:${createHash('sha512').update(image.manifest.bytes).digest('hex')}`;
    expect((await put('team/app', digest, image.manifest)).headers['docker-content-digest']).toBe(digest);
    expect((await client.getManifest('team/app', digest)).body).toEqual(image.manifest.bytes);
  });

  test('by digest with tags besides', async () => {
    const answer = await put('team/app', `${image.manifest.digest}?tag=one&tag=two`, image.manifest);
    expect(answer.headers['oci-tag']).toBe('one, two');
    expect((await client.getManifest('team/app', 'two')).headers['docker-content-digest']).toBe(image.manifest.digest);
  });

  test('304 for whoever has it', async () => {
    const headers = { 'if-none-match': `"${image.manifest.digest}"` };
    const answer = await client.request('team/app', 'manifests/v1', { headers });
    expect([answer.status, answer.body.length]).toEqual([304, 0]);
  });

  test('F14 a tag that many move at once is one of theirs in the end', async () => {
    const other = buildImage({ seed: 'other', layers: [10] });
    await client.push('team/app', 'other', other);
    const both = [image.manifest, other.manifest];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        client.putManifest('team/app', 'moving', both[index % 2] ?? other.manifest),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const { digest } = content('', (await client.getManifest('team/app', 'moving')).body);
    expect(both.map((one) => one.digest)).toContain(digest);
  });
});

describe('blobs', () => {
  const sizes = [2048, 200_000];
  const blobs = sizes.map((size) => content('application/octet-stream', randomBytesOf(`blob ${size}`, size)));
  beforeAll(() => Promise.all(blobs.map((blob) => client.pushBlob('team/blobs', blob))));
  const get = (blob: Content, headers: Record<string, string> = {}, method = 'GET') =>
    client.request('team/blobs', `blobs/${blob.digest}`, { headers, method, actions: 'pull' });

  describe.each(blobs)('of $bytes.length bytes', (blob) => {
    const size = blob.bytes.length;

    test('come back with what every client looks at', async () => {
      const got = await get(blob);
      expect(got.body.equals(blob.bytes)).toBe(true);
      const head = await get(blob, {}, 'HEAD');
      for (const { headers } of [got, head]) {
        expect(headers).toMatchObject({
          'content-length': String(size),
          'content-type': 'application/octet-stream',
          'docker-content-digest': blob.digest,
          'x-content-type-options': 'nosniff',
        });
      }
    });

    test.each([
      ['bytes=500-1499', 500, 1499],
      ['bytes=500-', 500, size - 1],
      ['bytes=-500', size - 500, size - 1],
      ['bytes=0-0', 0, 0],
      [`bytes=${size - 48}-${size + 5000}`, size - 48, size - 1],
    ])('B57 %s', async (range, first, last) => {
      const answer = await get(blob, { range });
      expect(answer.status).toBe(206);
      expect(answer.headers['content-range']).toBe(`bytes ${first}-${last}/${size}`);
      expect(answer.headers['content-length']).toBe(String(last - first + 1));
      expect(answer.body.equals(blob.bytes.subarray(first, last + 1))).toBe(true);
    });

    test.each(['bytes=500-0', `bytes=${size}-`, `bytes=${size + 5000}-${size + 10_000}`])(
      'B57 %s is 416',
      async (range) => {
        const answer = await get(blob, { range });
        expect([answer.status, answer.headers['content-range']]).toEqual([416, `bytes */${size}`]);
      },
    );

    test('B59 conditions', async () => {
      expect((await get(blob, { 'if-none-match': `"${blob.digest}"` })).status).toBe(304);
      expect((await get(blob, { 'if-none-match': '"other"' })).status).toBe(200);
      expect((await get(blob, { range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
      expect((await get(blob, { range: 'bytes=0-9', 'if-range': `"${blob.digest}"` })).status).toBe(206);
    });
  });

  test('F11 damaged bytes are not served as complete, and pushing them again repairs', async () => {
    for (const size of [1000, 100_000]) {
      const blob = content('', randomBytesOf(`damaged ${size}`, size));
      await client.pushBlob('team/blobs', blob);
      const hex = blob.digest.slice(7);
      const file = join(berth.dataDir, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
      await truncate(file, size / 2);
      const broken = await get(blob);
      expect([broken.status, jsonOf(broken).errors[0].code]).toEqual([500, 'UNKNOWN']);
      expect(broken.body.toString()).not.toContain(hex);
      expect(await client.hasBlob('team/blobs', blob.digest)).toBe(false);
      await client.pushBlob('team/blobs', blob);
      expect((await get(blob)).body.equals(blob.bytes)).toBe(true);
    }
    const flipped = content('', randomBytesOf('flipped', 1000));
    await client.pushBlob('team/blobs', flipped);
    const hex = flipped.digest.slice(7);
    await writeFile(
      join(berth.dataDir, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data'),
      Buffer.alloc(1000),
    );
    expect((await get(flipped)).status).toBe(500);
  });

  test('what is not there is named, as docker needs it to name the image', async () => {
    const image = buildImage({ seed: 'named', layers: [10] });
    await client.push('team/named', 'a', image);
    const errorOf = async (repository: string, reference: string) =>
      jsonOf(await client.getManifest(repository, reference)).errors[0];
    expect(await errorOf('team/named', 'b')).toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      detail: { name: 'team/named', reference: 'b' },
    });
    expect(await errorOf('team/never', 'a')).toMatchObject({ code: 'NAME_UNKNOWN', detail: { name: 'team/never' } });
  });

  test('T3 a blob deleted here stays deleted, however often it is read elsewhere', async () => {
    const shared = content('', randomBytesOf('shared', 3000));
    await client.pushBlob('team/one', shared);
    await client.pushBlob('team/two', shared);
    expect((await remove('team/one', `blobs/${shared.digest}`)).status).toBe(202);
    for (let time = 0; time < 20; time++) {
      expect((await client.getBlob('team/two', shared.digest)).status).toBe(200);
      expect(await client.hasBlob('team/one', shared.digest)).toBe(false);
      expect((await client.getBlob('team/one', shared.digest)).status).toBe(404);
    }
    expect((await remove('team/one', `blobs/${shared.digest}`)).status).toBe(404);
  });
});

describe('deleting', () => {
  const image = buildImage({ seed: 'delete', layers: [100] });

  test('T40 a tag goes alone, a manifest with all its tags, a child without its index', async () => {
    await client.push('team/del', 'a', image);
    await put('team/del', 'b', image.manifest);
    expect((await remove('team/del', 'manifests/a')).status).toBe(202);
    expect((await client.getManifest('team/del', 'a')).status).toBe(404);
    expect((await client.getManifest('team/del', 'b')).status).toBe(200);
    expect((await remove('team/del', 'manifests/a')).status).toBe(404);
    const index = manifestOf({ manifests: [descriptor(image.manifest)] }, types.index);
    await put('team/del', 'index', index);
    expect((await remove('team/del', `manifests/${image.manifest.digest}`)).status).toBe(202);
    for (const reference of ['b', image.manifest.digest]) {
      expect((await client.request('team/del', `manifests/${reference}`, { method: 'HEAD' })).status).toBe(404);
    }
    expect((await client.getManifest('team/del', 'index')).body).toEqual(index.bytes);
    expect(jsonOf(await client.request('team/del', 'tags/list')).tags).toEqual(['index']);
  });

  test('T4 nothing goes where deleting is switched off', async () => {
    const fixed = await startBerth({ env: { BERTH_DELETE_ENABLED: 'false' } });
    try {
      const admin = await RegistryClient.open(fixed.url, fixed.admin);
      await admin.push('a/b', 'v1', image);
      for (const path of ['manifests/v1', `manifests/${image.manifest.digest}`, `blobs/${image.config.digest}`]) {
        const answer = await admin.request('a/b', path, { method: 'DELETE', actions: 'delete' });
        expect([answer.status, jsonOf(answer).errors[0].code]).toEqual([405, 'UNSUPPORTED']);
      }
      expect(await admin.pull('a/b', 'v1')).toBe(image.manifest.digest);
    } finally {
      await fixed.stop();
    }
  });
});

describe('public repositories', () => {
  test('are pulled by anybody, with an anonymous token', async () => {
    const image = buildImage({ seed: 'public', layers: [300] });
    await client.push('team/public', 'v1', image);
    const nobody = await RegistryClient.open(berth.url);
    expect((await nobody.getManifest('team/public', 'v1')).status).toBe(401);
    const made = await berth.api('PATCH', '/api/v1/repositories/team%2Fpublic', { visibility: 'public' });
    expect(made.status).toBe(200);
    const later = await RegistryClient.open(berth.url);
    expect(await later.pull('team/public', 'v1')).toBe(image.manifest.digest);
    expect((await later.startUpload('team/public')).status).toBe(401);
    expect((await send(berth.url, '/v2/team/public/manifests/v1')).status).toBe(401);
  });
});
