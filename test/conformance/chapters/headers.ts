import { Readable } from 'node:stream';
import { type Answer, basic, send } from '../../support/http.js';
import { content, randomBytesOf, sha256 } from '../../support/images.js';
import { type Chapter, imageManifest, parsed, putManifest } from '../ground.js';

const repository = 'conf/headers';
const blob = content('', randomBytesOf('conformance headers', 4000));
const unknown = sha256(Buffer.from('unknown'));
const manifest = imageManifest({ annotations: { the: 'headers' } });

/**
 * Deviations that were seen to break docker, skopeo or containerd, one row each: our answers have none of them.
 */
export const headers: Chapter = (ground) => {
  const upload = async () => {
    const { client } = ground();
    const post = await client.startUpload(repository);
    const patch = await client.append(repository, post.location, Readable.from([blob.bytes]));
    return { post, patch, put: await client.finishUpload(repository, patch.location, blob.digest) };
  };
  const realm = (question: Parameters<typeof send>[2], query = '') =>
    send(ground().way.url, `/token${query}`, question);
  const form = (fields: Record<string, string>) =>
    realm({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: String(new URLSearchParams({ service: 'berth', client_id: 'docker', ...fields })),
    });
  const tokenByGet = () => {
    const { username, password } = ground().who;
    const query = `?service=berth&scope=repository:${repository}:pull&offline_token=true&client_id=docker&account=${username}`;
    return realm({ headers: { authorization: basic(username, password) } }, query);
  };

  beforeAll(async () => {
    await putManifest(ground(), repository, 'v1', manifest);
    await ground().client.pushBlob(repository, blob);
  });

  test('POST uploads is 202, not 200 or 201', async () => expect((await upload()).post.status).toBe(202));

  test('PUT of a blob is 201, not 200 or 204', async () => expect((await upload()).put.status).toBe(201));

  test('PUT of a manifest is 201, not 202', async () => {
    expect((await ground().client.putManifest(repository, 'v1', manifest)).status).toBe(201);
  });

  test('PATCH has a Location', async () => {
    const { post, patch } = await upload();
    expect(patch.headers.location).toBe(post.headers.location);
  });

  test('POST and PATCH have a Range, without a unit', async () => {
    const { post, patch } = await upload();
    expect([post.headers.range, patch.headers.range]).toEqual(['0-0', '0-3999']);
  });

  test('PUT of a manifest has a Docker-Content-Digest', async () => {
    const answer = await ground().client.putManifest(repository, 'v1', manifest);
    expect(answer.headers['docker-content-digest']).toBe(manifest.digest);
  });

  test.each(['GET', 'HEAD'])('the type of a manifest is its own, and has no charset (%s)', async (method) => {
    const answer = await ground().ask(method, repository, 'manifests/v1');
    expect(answer.headers['content-type']).toBe('application/vnd.oci.image.manifest.v1+json');
  });

  test.each([
    ['manifests/v1', manifest.bytes.length],
    [`blobs/${blob.digest}`, blob.bytes.length],
  ])('HEAD is supported and has a Content-Length: %s', async (path, length) => {
    const answer = await ground().ask('HEAD', repository, path);
    expect([answer.status, answer.headers['content-length']]).toEqual([200, String(length)]);
  });

  test.each([['manifests/none'], [`manifests/${unknown}`], [`blobs/${unknown}`]])(
    'what is missing is 404 to whoever may look, not 401 or 403: %s',
    async (path) => {
      for (const method of ['GET', 'HEAD']) expect((await ground().ask(method, repository, path)).status).toBe(404);
    },
  );

  test('a mount that cannot be is 202, not 401, 403 or 404', async () => {
    for (const from of ['conf/none', 'secret/none', 'library/alpine']) {
      const answer = await ground().ask('POST', repository, `blobs/uploads/?mount=${unknown}&from=${from}`);
      expect([from, answer.status]).toEqual([from, 202]);
    }
  });

  test('PATCH needs neither Content-Length nor Content-Type', async () => {
    const { client } = ground();
    const { location } = await client.startUpload(repository);
    const token = await client.token(`repository:${repository}:pull,push`);
    const answer = await client.raw(location, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}` },
      body: Readable.from([blob.bytes]),
    });
    expect([answer.status, answer.headers.range]).toEqual([202, '0-3999']);
  });

  test('/v2/ asks for a token as everything else does', async () => {
    expect((await ground().client.raw('/v2/')).status).toBe(401);
  });

  test('a 401 has one challenge', async () => {
    const challenges = (answer: Answer) => [answer.headers['www-authenticate']].flat();
    for (const path of ['/v2/', `/v2/${repository}/manifests/v1`]) {
      expect(challenges(await ground().client.raw(path))).toEqual([expect.stringMatching(/^Bearer [^,]+(,[^,]+)*$/)]);
    }
  });

  test('a token’s expires_in is a number and issued_at a text of RFC 3339', async () => {
    for (const answer of [await tokenByGet(), await form({ grant_type: 'password', ...ground().who })]) {
      const { expires_in, issued_at } = parsed(answer);
      expect(expires_in).toBeGreaterThanOrEqual(60);
      expect(issued_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    }
  });

  test('a token by POST is an access_token, with 200 and not 201', async () => {
    const answer = await form({ grant_type: 'password', scope: `repository:${repository}:pull`, ...ground().who });
    expect([answer.status, typeof parsed(answer).access_token]).toEqual([200, 'string']);
    expect(parsed(answer).scope).toBe(`repository:${repository}:pull`);
  });

  test('whoever was given a refresh token can use it', async () => {
    const { refresh_token } = parsed(await tokenByGet());
    const answer = await form({ grant_type: 'refresh_token', refresh_token, scope: `repository:${repository}:pull` });
    expect(answer.status).toBe(200);
    const headers = { authorization: `Bearer ${parsed(answer).access_token}` };
    expect((await ground().client.raw(`/v2/${repository}/manifests/v1`, { headers })).status).toBe(200);
  });
};
