import { createHash } from 'node:crypto';
import { basic, send } from '../../support/http.js';
import { content, randomBytesOf, sha256 } from '../../support/images.js';
import { type Chapter, codeOf, emptyJson, imageManifest, parsed, pathOf, putManifest } from '../ground.js';

const repository = 'conf/traps';
const bytes = randomBytesOf('conformance traps', 2048);
const digest = sha256(bytes);
const manifest = imageManifest({ annotations: { the: 'traps' } });

/** Where registries fail the official conformance program, each as a test of its own. */
export const traps: Chapter = (ground) => {
  beforeAll(async () => {
    await ground().client.pushBlob(repository, content('', bytes));
    await putManifest(ground(), repository, 'v1', manifest);
  });
  const start = async (query = '') => (await ground().client.startUpload(repository, query)).location;
  const under = (location: string) => location.slice(`/v2/${repository}/`.length);

  test.each(['PATCH', 'PUT'])('a: an out-of-order %s is 416, and the session survives it', async (method) => {
    const location = await start();
    const append = async (first: number, part: Buffer, path = under(location), verb = method) => {
      const headers = { 'content-range': `${first}-${first + part.length - 1}` };
      return await ground().ask(verb, repository, path, { body: part, headers });
    };
    const path = method === 'PUT' ? `${under(location)}?digest=${digest}` : under(location);
    expect((await append(100, bytes.subarray(100, 200), path)).status).toBe(416);
    const empty = await ground().client.uploadStatus(repository, location);
    expect([empty.status, empty.headers.range, pathOf(empty, ground().way)]).toEqual([204, '0-0', location]);
    expect((await append(0, bytes.subarray(0, 100), under(location), 'PATCH')).status).toBe(202);
    expect((await append(200, bytes.subarray(200), path)).status).toBe(416);
    const status = await ground().client.uploadStatus(repository, location);
    expect([status.status, status.headers.range, pathOf(status, ground().way)]).toEqual([204, '0-99', location]);
    expect((await ground().client.finishUpload(repository, location, digest, bytes.subarray(100))).status).toBe(201);
  });

  test('b: the Location of everything that was made leads to it, on the same origin', async () => {
    const single = await ground().ask('POST', repository, `blobs/uploads/?digest=${digest}`, { body: bytes });
    const put = await ground().client.finishUpload(repository, await start(), digest, bytes);
    for (const answer of [single, put]) {
      expect((await ground().ask('GET', repository, under(pathOf(answer, ground().way)))).body).toEqual(bytes);
    }
    const pushed = await putManifest(ground(), repository, 'located', manifest);
    const found = await ground().ask('GET', repository, under(pathOf(pushed, ground().way)));
    expect(found.body).toEqual(manifest.bytes);
  });

  test('c: a mount from a repository that has not got the blob is 202, one without a source may be 201', async () => {
    await ground().client.pushBlob('conf/bare', emptyJson);
    const missing = await ground().ask('POST', 'conf/other', `blobs/uploads/?mount=${digest}&from=conf/bare`);
    expect(missing.status).toBe(202);
    const token = await ground().client.token(`repository:conf/other:pull,push repository:${repository}:pull`);
    const headers = { authorization: `Bearer ${token}` };
    const anonymous = await ground().client.raw(`/v2/conf/other/blobs/uploads/?mount=${digest}`, {
      method: 'POST',
      headers,
    });
    expect(anonymous.status).toBe(201);
  });

  test('d: one scope parameter may hold several scopes, and nothing in the challenge says "basic"', async () => {
    const { headers } = await ground().client.raw(`/v2/${repository}/tags/list`);
    expect(headers['www-authenticate']).not.toMatch(/basic/i);
    const query = new URLSearchParams({
      service: 'berth',
      scope: `repository:${repository}:pull repository:conf/other:pull,push`,
    });
    const { username, password } = ground().who;
    const answer = await send(ground().way.url, `/token?${query}`, {
      headers: { authorization: basic(username, password) },
    });
    const [, claims = ''] = String(parsed(answer).token).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString()).access).toEqual([
      { type: 'repository', name: repository, actions: ['pull'] },
      { type: 'repository', name: 'conf/other', actions: ['pull', 'push'] },
    ]);
  });

  test.each([
    ['GET', 'manifests/v1', 'pull'],
    ['HEAD', 'manifests/v1', 'pull'],
    ['GET', 'tags/list', 'pull'],
    ['POST', 'blobs/uploads/', 'pull,push'],
    ['PATCH', 'blobs/uploads/x', 'pull,push'],
    ['PUT', 'manifests/v1', 'pull,push'],
    ['DELETE', 'manifests/v1', 'delete'],
    ['DELETE', `blobs/${digest}`, 'delete'],
  ])('e: the challenge of %s %s names exactly what that takes', async (method, path, actions) => {
    const answer = await ground().client.raw(`/v2/${repository}/${path}`, { method });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="${ground().way.url}/token",service="berth",scope="repository:${repository}:${actions}"`,
    );
  });

  test('f: `last` splits a list where its bytes do', async () => {
    const tags = ['A-1', 'B', 'Z_', '_', 'a', 'a.b', 'b', 'z'];
    for (const tag of [...tags].reverse()) await putManifest(ground(), 'conf/order', tag, manifest);
    for (const last of ['0', 'A', 'A-1', 'C', 'a', 'a-', 'y', 'zz']) {
      const answer = await ground().ask('GET', 'conf/order', `tags/list?last=${last}`);
      expect([last, parsed(answer).tags]).toEqual([last, tags.filter((tag) => tag > last)]);
    }
  });

  test.each([
    ['500-1499', 500, 1499],
    ['500-', 500, 2047],
    ['-500', 1548, 2047],
    ['2000-5000', 2000, 2047],
  ])('g: Range bytes=%s of 2048', async (range, first, last) => {
    const answer = await ground().ask('GET', repository, `blobs/${digest}`, { headers: { range: `bytes=${range}` } });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-length']).toBe(String(last - first + 1));
    expect(answer.headers['content-range']).toBe(`bytes ${first}-${last}/2048`);
    expect(answer.body).toEqual(bytes.subarray(first, last + 1));
  });

  test.each(['500-0', '5000-10000'])('g: Range bytes=%s of 2048 cannot be satisfied', async (range) => {
    const answer = await ground().ask('GET', repository, `blobs/${digest}`, { headers: { range: `bytes=${range}` } });
    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */2048']);
  });

  test('h: SHA-512 may be announced as late as with the PUT', async () => {
    const sha512 = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const location = await start();
    await ground().client.append(repository, location, bytes);
    expect((await ground().client.finishUpload(repository, location, sha512)).status).toBe(201);
    expect((await ground().ask('GET', repository, `blobs/${sha512}`)).body).toEqual(bytes);
  });

  test('i: bytes of another digest are refused, and a manifest with two spaces more is another', async () => {
    const other = sha256(Buffer.from('other'));
    const post = await ground().ask('POST', repository, `blobs/uploads/?digest=${other}`, { body: bytes });
    expect([post.status, codeOf(post)]).toEqual([400, 'DIGEST_INVALID']);
    const put = await ground().ask('PUT', repository, `manifests/${manifest.digest}`, {
      body: Buffer.concat([manifest.bytes, Buffer.from('  ')]),
      headers: { 'content-type': manifest.mediaType },
    });
    expect([put.status, codeOf(put)]).toEqual([400, 'DIGEST_INVALID']);
  });

  test('j: what was deleted is gone with the answer: tag, manifest with its tags, blob', async () => {
    const doomed = imageManifest({ annotations: { soon: 'gone' } });
    const blob = content('', randomBytesOf('conformance doomed', 2048));
    for (let time = 0; time < 5; time++) {
      await ground().client.pushBlob('conf/doomed', blob);
      for (const tag of ['one', 'two', 'three']) await putManifest(ground(), 'conf/doomed', tag, doomed);
      for (const [path, gone] of [
        ['manifests/one', ['manifests/one']],
        [`manifests/${doomed.digest}`, ['manifests/two', 'manifests/three', `manifests/${doomed.digest}`]],
        [`blobs/${blob.digest}`, [`blobs/${blob.digest}`]],
      ] as const) {
        await ground().ask('GET', 'conf/doomed', path); // it is remembered now, wherever anything is
        expect((await ground().ask('DELETE', 'conf/doomed', path)).status).toBe(202);
        for (const one of gone) expect((await ground().ask('HEAD', 'conf/doomed', one)).status).toBe(404);
      }
    }
  });

  test('k: referrers of anything are an index without parameters in its type, and never 404', async () => {
    for (const [name, subject] of [
      [repository, manifest.digest],
      [repository, sha256(Buffer.from('unknown'))],
      ['conf/nowhere', manifest.digest],
    ] as const) {
      const answer = await ground().ask('GET', name, `referrers/${subject}`);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/vnd.oci.image.index.v1+json']);
      expect(parsed(answer)).toMatchObject({ schemaVersion: 2, manifests: [] });
    }
  });

  test('l: a manifest comes back with exactly the type it was pushed with, whatever is accepted', async () => {
    for (const accept of ['*/*', 'text/html', 'application/vnd.docker.distribution.manifest.v2+json', '']) {
      const answer = await ground().ask('GET', repository, 'manifests/v1', { headers: accept ? { accept } : {} });
      expect([answer.status, answer.headers['content-type']]).toEqual([200, manifest.mediaType]);
    }
  });
};
