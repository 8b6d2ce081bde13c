import { connect } from 'node:net';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, type Question, send } from '../support/http.js';
import { buildImage, sha256 } from '../support/images.js';
import { addUser } from '../support/people.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const repository = 'acme/app';
const unknownDigest = sha256(Buffer.from('nobody has this'));
const unknownUpload = 'c0ffee00-0000-4000-8000-000000000000';
const image = buildImage({ seed: 'bad input', layers: [2048] });
const config = image.config;

let berth: Berth;
let writer: RegistryClient;
let reader: Credentials;
let upload: string;

beforeAll(async () => {
  berth = await startBerth();
  writer = await RegistryClient.open(berth.url, await addUser(berth, 'writer', { 'acme/*': ['push', 'delete'] }));
  reader = await addUser(berth, 'reader', { 'acme/*': ['pull'] });
  await writer.push(repository, 'latest', image);
  upload = (await writer.startUpload(repository)).location;
});

afterAll(() => berth.stop());

const asWriter = (method: string, path: string, question: Question = {}) =>
  writer.request(repository, path, { method, actions: 'pull,push,delete', ...question });

/** Every refusal is the JSON of the specification, tells nothing of our insides, and its connection stays usable. */
function expectRefusal(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, body: answer.body.toString() }).toMatchObject({ status });
  const { errors } = JSON.parse(answer.body.toString());
  expect(errors).toEqual([expect.objectContaining({ code, message: expect.any(String) })]);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
  expect(answer.body.toString()).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules|SQLITE/);
}

const challenges = (answer: Answer): string[] => [answer.headers['www-authenticate'] ?? ''].flat();

describe('who are you', () => {
  test('B01 nobody gets exactly one Bearer challenge', async () => {
    const answer = await send(berth.url, '/v2/');
    expectRefusal(answer, 401, 'UNAUTHORIZED');
    expect(challenges(answer)).toEqual([`Bearer realm="${berth.url}/token",service="berth"`]);
  });

  test.each([
    ['B02', 'Bearer garbage', 'error="invalid_token"'],
    ['B02', 'Bearer ', 'error="invalid_token"'],
    ['B03', 'Basic !!!notb64', 'Bearer realm='],
    ['B03', basic('writer', 'wrong password'), 'Bearer realm='],
    ['B03', 'Digest username="x"', 'Bearer realm='],
  ])('%s %s is refused', async (_, authorization, challenge) => {
    const answer = await send(berth.url, '/v2/', { headers: { authorization } });
    expectRefusal(answer, 401, 'UNAUTHORIZED');
    expect(challenges(answer)).toEqual([expect.stringContaining(challenge)]);
  });

  test.each([
    ['GET', 'manifests/latest', 'pull'],
    ['HEAD', `blobs/${unknownDigest}`, 'pull'],
    ['GET', 'tags/list', 'pull'],
    ['PUT', 'manifests/latest', 'pull,push'],
    ['POST', 'blobs/uploads/', 'pull,push'],
    ['PATCH', `blobs/uploads/${unknownUpload}`, 'pull,push'],
    ['DELETE', 'manifests/latest', 'delete'],
  ])('the challenge of %s %s names exactly what it takes', async (method, path, actions) => {
    const answer = await send(berth.url, `/v2/${repository}/${path}`, { method });
    expect(answer.status).toBe(401);
    expect(challenges(answer)).toEqual([expect.stringContaining(`scope="repository:${repository}:${actions}"`)]);
    expect(answer.body.length > 0).toBe(method !== 'HEAD');
  });

  test('B31 a token to pull does not open an upload', async () => {
    const token = await berth.token(reader.username, reader.password, `repository:${repository}:pull,push`);
    const path = `/v2/${repository}/blobs/uploads/`;
    const answer = await send(berth.url, path, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expectRefusal(answer, 401, 'UNAUTHORIZED');
    expect(challenges(answer)).toEqual([
      expect.stringMatching(
        /pull,push",error="insufficient_scope",error_description="push on [a-z/-]+ is not granted to you"$/,
      ),
    ]);
    const headers = { authorization: basic(reader.username, reader.password) };
    expectRefusal(await send(berth.url, path, { method: 'POST', headers }), 403, 'DENIED');
  });

  test('B60 B79 deleting takes the delete action', async () => {
    for (const path of ['manifests/latest', `blobs/${config.digest}`]) {
      const answer = await writer.request(repository, path, { method: 'DELETE', actions: 'pull,push' });
      expectRefusal(answer, 401, 'UNAUTHORIZED');
      expect(challenges(answer)).toEqual([expect.stringContaining(':delete",error="insufficient_scope"')]);
    }
  });

  test('T14 a private repository and none at all look the same to a stranger', async () => {
    const stranger = await addUser(berth, 'stranger');
    const headers = { authorization: basic(stranger.username, stranger.password) };
    for (const path of ['manifests/latest', `blobs/${config.digest}`, 'tags/list', `referrers/${config.digest}`]) {
      const [existing, missing] = await Promise.all(
        [repository, 'acme/none'].map((name) => send(berth.url, `/v2/${name}/${path}`, { headers })),
      );
      expect(existing?.status).toBe(403);
      expect(missing?.status).toBe(403);
      expect(existing?.body).toEqual(missing?.body);
    }
  });
});

describe('routes and names', () => {
  test.each([
    ['B05', 'GET', '/v2/_unknown', 404, 'UNSUPPORTED'],
    ['B05', 'GET', `/v2/${repository}/blah/x`, 404, 'UNSUPPORTED'],
    ['B06', 'TRACE', `/v2/${repository}/manifests/latest`, 405, 'UNSUPPORTED'],
    ['B06', 'PROPFIND', `/v2/${repository}/manifests/latest`, 405, 'UNSUPPORTED'],
    ['B07', 'POST', `/v2/${repository}/manifests/latest`, 405, 'UNSUPPORTED'],
    ['B08', 'GET', '/v2/Acme/App/tags/list', 400, 'NAME_INVALID'],
    ['B09', 'GET', '/v2/acme//app/tags/list', 400, 'NAME_INVALID'],
    ['B10', 'GET', '/v2/-acme/app/tags/list', 400, 'NAME_INVALID'],
    ['B10', 'GET', '/v2/acme/app-/tags/list', 400, 'NAME_INVALID'],
    ['B10', 'GET', '/v2/a__._b/tags/list', 400, 'NAME_INVALID'],
    ['B10', 'GET', '/v2/acme/.git/tags/list', 400, 'NAME_INVALID'],
    ['B11', 'GET', `/v2/${'a'.repeat(256)}/tags/list`, 400, 'NAME_INVALID'],
    ['B13', 'GET', `/v2/foo/../../blobs/uploads/${unknownUpload}`, 400, 'NAME_INVALID'],
    ['B54', 'GET', `/v2/${repository}/blobs/sha256:abc`, 400, 'DIGEST_INVALID'],
    ['B54', 'GET', `/v2/${repository}/blobs/latest`, 400, 'DIGEST_INVALID'],
    ['B54', 'GET', `/v2/${repository}/blobs/sha256:`, 400, 'DIGEST_INVALID'],
    ['B54', 'GET', `/v2/${repository}/blobs/${unknownDigest}/x`, 404, 'UNSUPPORTED'],
    ['B72', 'GET', `/v2/${repository}/manifests/-x`, 400, 'TAG_INVALID'],
    ['B84', 'GET', `/v2/${repository}/referrers/latest`, 400, 'DIGEST_INVALID'],
    ['B84', 'GET', `/v2/${repository}/referrers/sha256:bad`, 400, 'DIGEST_INVALID'],
    ['B84', 'POST', `/v2/${repository}/referrers/${unknownDigest}`, 405, 'UNSUPPORTED'],
    ['T15', 'GET', `/v2/%2e%2e/%2e%2e/etc/passwd/manifests/latest`, 400, 'NAME_INVALID'],
    ['T15', 'GET', `/v2/${repository}/blobs/%2e%2e%2f%2e%2e%2fsecret.key`, 400, 'DIGEST_INVALID'],
  ])('%s %s %s is %i before anybody is asked who they are', async (_, method, path, status, code) => {
    const answer = await send(berth.url, path, { method });
    expectRefusal(answer, status, code);
    expect('allow' in answer.headers).toBe(status === 405);
  });

  test('B14 keywords inside of names are names', async () => {
    const tags = await writer.request('acme/x/manifests', 'tags/list', { actions: 'pull' });
    expectRefusal(tags, 404, 'NAME_UNKNOWN');
    const manifest = await writer.request('acme/x/manifests', 'manifests/tags', { actions: 'pull' });
    expectRefusal(manifest, 404, 'NAME_UNKNOWN');
  });

  test.each([
    [
      'a header section of 20 KB',
      `GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431/,
    ],
    ['an address of 64 KB', `GET /v2/${'a'.repeat(64_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 (414|431)/],
    [
      'two lengths',
      'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'no chunk size',
      'PUT /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eDp5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /^(HTTP\/1\.1 40[05]|$)/,
    ],
  ])('B16 %s', async (_, text, expected) => {
    expect(await rawExchange(text)).toMatch(expected);
  });
});

describe('uploads', () => {
  const start = (query: string, body = '') => asWriter('POST', `blobs/uploads/${query}`, { body });

  test.each([
    ['B32', '?digest=sha256:zz', 'x', 'DIGEST_INVALID'],
    ['B33', `?digest=${unknownDigest}`, 'x', 'DIGEST_INVALID'],
    ['B34', '?digest-algorithm=md5', '', 'DIGEST_INVALID'],
  ])('%s POST %s is refused', async (_, query, body, code) => {
    expectRefusal(await start(query, body), 400, code);
    expect(await writer.hasBlob(repository, unknownDigest)).toBe(false);
  });

  test.each([
    ['B34', '?digest-algorithm=sha512'],
    ['B35', '?mount=sha256:bad&from=acme/base'],
    ['B35', `?mount=${unknownDigest}&from=../x`],
    ['B35', `?mount=${unknownDigest}&from=Upper`],
    ['B36', `?mount=${unknownDigest}&from=acme/missing`],
    ['B36', `?mount=${unknownDigest}`],
  ])('%s POST %s opens a session', async (_, query) => {
    const answer = await start(query);
    expect(answer.status).toBe(202);
    expect(answer.headers.location).toMatch(/^\/v2\/acme\/app\/blobs\/uploads\/[0-9a-f-]{36}$/);
    expect(answer.headers.range).toBe('0-0');
    expect((await writer.raw(String(answer.headers.location))).status).toBe(401);
  });

  test.each([unknownUpload, '../x', '%00', 'x'.repeat(300)])('B37 %s is no upload', async (id) => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expectRefusal(await asWriter(method, `blobs/uploads/${id}`), 404, 'BLOB_UPLOAD_UNKNOWN');
    }
    const finished = await asWriter('PUT', `blobs/uploads/${id}?digest=${unknownDigest}`);
    expectRefusal(finished, 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  test.each([
    ['B40', 'abc', 400, 'BLOB_UPLOAD_INVALID'],
    ['B40', 'bytes 0-9', 400, 'BLOB_UPLOAD_INVALID'],
    ['B40', '9-0', 400, 'BLOB_UPLOAD_INVALID'],
    ['B40', '0-', 400, 'BLOB_UPLOAD_INVALID'],
    ['B40', '-5', 400, 'BLOB_UPLOAD_INVALID'],
    ['B40', '0-9/20', 400, 'BLOB_UPLOAD_INVALID'],
    ['B40', '18446744073709551616-18446744073709551620', 400, 'BLOB_UPLOAD_INVALID'],
    ['B38', '10-14', 416, 'RANGE_INVALID'],
    ['B41', '0-9', 400, 'SIZE_INVALID'],
  ])('%s a chunk with Content-Range %s moves nothing', async (_, range, status, code) => {
    const answer = await writer.append(repository, upload, 'hello', { headers: { 'content-range': range } });
    expectRefusal(answer, status, code);
    const now = await writer.uploadStatus(repository, upload);
    expect([now.status, now.headers.range]).toEqual([204, '0-0']);
  });

  test.each(['text/plain', 'application/json', 'application/x-www-form-urlencoded'])(
    'B43 the type %s of a chunk means nothing',
    async (type) => {
      const { location } = await writer.startUpload(repository);
      const answer = await writer.append(repository, location, '{}', { headers: { 'content-type': type } });
      expect([answer.status, answer.headers.range]).toEqual([202, '0-1']);
    },
  );

  test.each([
    ['B45', ''],
    ['B47', `?digest=${unknownDigest.replace(/[a-f]/g, (letter) => letter.toUpperCase())}`],
    ['B47', '?digest=md5:d41d8cd98f00b204e9800998ecf8427e'],
    ['B47', `?digest=${unknownDigest}a`],
    ['B47', `?digest=${unknownDigest}&digest=${unknownDigest}`],
    ['T39', `?digest=SHA256:${unknownDigest.slice(7)}`],
    ['T39', `?digest=${unknownDigest}%00`],
    ['T39', `?digest=sha512:${unknownDigest.slice(7)}`],
  ])('%s PUT %s is refused and the session stays', async (_, query) => {
    const { location } = await writer.startUpload(repository);
    const path = `${location.slice(`/v2/${repository}/`.length)}${query}`;
    expectRefusal(await asWriter('PUT', path, { body: '' }), 400, 'DIGEST_INVALID');
    expect((await writer.uploadStatus(repository, location)).status).toBe(204);
  });
});

describe('blobs', () => {
  test('B55 what is not in this repository is unknown, wherever else it is', async () => {
    await writer.pushBlob('acme/other', {
      digest: unknownDigest,
      mediaType: '',
      bytes: Buffer.from('nobody has this'),
    });
    expectRefusal(await asWriter('GET', `blobs/${unknownDigest}`), 404, 'BLOB_UNKNOWN');
    const head = await asWriter('HEAD', `blobs/${unknownDigest}`);
    expect([head.status, head.body.length]).toEqual([404, 0]);
    expectRefusal(await asWriter('DELETE', `blobs/${unknownDigest}`), 404, 'BLOB_UNKNOWN');
  });

  test('B57 a range behind the end', async () => {
    const answer = await asWriter('GET', `blobs/${config.digest}`, { headers: { range: 'bytes=500000-600000' } });
    expectRefusal(answer, 416, 'RANGE_INVALID');
    expect(answer.headers['content-range']).toBe(`bytes */${config.bytes.length}`);
  });

  test('B60 what a manifest names stays', async () => {
    expectRefusal(await asWriter('DELETE', `blobs/${config.digest}`), 405, 'UNSUPPORTED');
    expect(await writer.hasBlob(repository, config.digest)).toBe(true);
  });
});

describe('manifests', () => {
  const valid = JSON.parse(image.manifest.bytes.toString());
  const put = (body: string | Buffer, type: string | undefined = manifestType, reference = 'bad') =>
    asWriter('PUT', `manifests/${reference}`, { body, headers: type === '' ? {} : { 'content-type': type } });
  const but = (change: object) => JSON.stringify({ ...valid, ...change });

  test.each<[string, string, string | Buffer, string, string]>([
    ['B61', 'nothing', '', 'MANIFEST_INVALID', manifestType],
    ['B62', 'no JSON', 'hello', 'MANIFEST_INVALID', manifestType],
    ['B62', 'half a manifest', JSON.stringify(valid).slice(0, -5), 'MANIFEST_INVALID', manifestType],
    ['B62', 'UTF-16', Buffer.from(JSON.stringify(valid), 'utf16le'), 'MANIFEST_INVALID', manifestType],
    ['B62', 'a byte order mark', `\ufeff${JSON.stringify(valid)}`, 'MANIFEST_INVALID', manifestType],
    ['B62', 'garbage behind', `${JSON.stringify(valid)}x`, 'MANIFEST_INVALID', manifestType],
    ['B63', 'an array', '[]', 'MANIFEST_INVALID', manifestType],
    ['B63', 'a string', '"str"', 'MANIFEST_INVALID', manifestType],
    ['B63', 'null', 'null', 'MANIFEST_INVALID', manifestType],
    ['B63', 'a number', '42', 'MANIFEST_INVALID', manifestType],
    ['B66', 'another type than its own', JSON.stringify(valid), 'MANIFEST_INVALID', indexType],
    ['B67', 'schema 1', but({ schemaVersion: 1 }), 'MANIFEST_INVALID', manifestType],
    ['B67', 'schema "2"', but({ schemaVersion: '2' }), 'MANIFEST_INVALID', manifestType],
    ['B67', 'no schema', but({ schemaVersion: undefined }), 'MANIFEST_INVALID', manifestType],
    [
      'B69',
      'a bad digest',
      but({ config: { ...valid.config, digest: 'sha256:xyz' } }),
      'MANIFEST_INVALID',
      manifestType,
    ],
    ['B69', 'a negative size', but({ config: { ...valid.config, size: -1 } }), 'MANIFEST_INVALID', manifestType],
    ['B69', 'a vast size', but({ config: { ...valid.config, size: 1e20 } }), 'MANIFEST_INVALID', manifestType],
    ['B69', 'a size in quotes', but({ config: { ...valid.config, size: '5' } }), 'MANIFEST_INVALID', manifestType],
    [
      'B69',
      'another size than stored',
      but({ config: { ...valid.config, size: 1 } }),
      'MANIFEST_INVALID',
      manifestType,
    ],
    [
      'B70',
      'an unknown layer',
      but({ layers: [{ ...valid.layers[0], digest: unknownDigest }] }),
      'MANIFEST_BLOB_UNKNOWN',
      manifestType,
    ],
    ['T10', 'layers and manifests', but({ manifests: [] }), 'MANIFEST_INVALID', manifestType],
  ])('%s %s is refused', async (_, _what, body, code, type) => {
    expectRefusal(await put(body, type), 400, code);
    expectRefusal(await asWriter('GET', 'manifests/bad'), 404, 'MANIFEST_UNKNOWN');
  });

  test('B65 T9 too large a manifest is refused after its limit, streamed or announced', async () => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
    expectRefusal(await put(large), 413, 'SIZE_INVALID');
    const annotations = Object.fromEntries(Array.from({ length: 390 }, (_, i) => [`key${i}`, 'x'.repeat(10_000)]));
    expect((await put(but({ annotations }), manifestType, 'large')).status).toBe(201);
  });

  test.each(['', 'application/json'])('B66 the type "%s" leaves it to the body', async (type) => {
    expect((await put(JSON.stringify(valid), type, 'typed')).status).toBe(201);
    const answer = await asWriter('GET', 'manifests/typed');
    expect(answer.headers['content-type']).toBe(manifestType);
  });

  test.each([
    ['B71', unknownDigest, 'DIGEST_INVALID'],
    ['B71', 'sha256:bad', 'DIGEST_INVALID'],
    ['B72', '-x', 'TAG_INVALID'],
    ['B72', '.x', 'TAG_INVALID'],
    ['B72', 'a'.repeat(129), 'TAG_INVALID'],
    ['B72', 'a%20b', 'TAG_INVALID'],
    ['B72', '%C3%A9', 'TAG_INVALID'],
    ['B72', 'a%0ab', 'TAG_INVALID'],
    ['B72', 'a/../b', 'TAG_INVALID'],
    ['B73', `${image.manifest.digest}?tag=bad!tag`, 'TAG_INVALID'],
  ])('%s under %s it is refused', async (_, reference, code) => {
    expectRefusal(await put(image.manifest.bytes, manifestType, reference), 400, code);
  });

  test('B73 many tags at once', async () => {
    const tags = Array.from({ length: 200 }, (_, index) => `many-${index}`);
    const query = tags.map((tag) => `tag=${tag}`).join('&');
    const answer = await put(image.manifest.bytes, manifestType, `${image.manifest.digest}?${query}`);
    expect(answer.status).toBe(201);
    expect(String(answer.headers['oci-tag']).split(', ')).toEqual(tags);
    expect((await asWriter('GET', 'manifests/many-199')).body).toEqual(image.manifest.bytes);
  });

  test('B75 B76 foreign layers and odd annotations are stored byte for byte', async () => {
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
      digest: sha256(Buffer.from('elsewhere')),
      size: 9,
      urls: [`${berth.url}/canary`],
    };
    const annotations = { xss: '<script>alert(1)</script>', big: 'x'.repeat(1_000_000) };
    const text = but({ layers: [foreign], annotations }).replace('"xss"', '"__proto__"');
    expect((await put(text, manifestType, 'odd')).status).toBe(201);
    expect((await asWriter('GET', 'manifests/odd')).body.toString()).toBe(text);
    expect(berth.output()).not.toContain('canary');
  });

  test('B77 what the client accepts changes nothing', async () => {
    const answer = await asWriter('GET', 'manifests/latest', { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, manifestType]);
  });

  test('B78 unknown tag, unknown digest, unknown repository', async () => {
    expectRefusal(await asWriter('GET', 'manifests/none'), 404, 'MANIFEST_UNKNOWN');
    expectRefusal(await asWriter('GET', `manifests/${unknownDigest}`), 404, 'MANIFEST_UNKNOWN');
    expectRefusal(await writer.request('acme/none', 'manifests/x', { actions: 'pull' }), 404, 'NAME_UNKNOWN');
  });

  test('B79 deleting what is not there', async () => {
    expectRefusal(await asWriter('DELETE', 'manifests/none'), 404, 'MANIFEST_UNKNOWN');
    expectRefusal(await asWriter('DELETE', `manifests/${unknownDigest}`), 404, 'MANIFEST_UNKNOWN');
  });
});

describe('lists', () => {
  test.each(['-1', 'abc', '1.5', '', '9e99', '0x10', '%00', '1e3'])('B81 n=%s is refused', async (n) => {
    expectRefusal(await asWriter('GET', `tags/list?n=${n}`), 400, 'PAGINATION_NUMBER_INVALID');
    expectRefusal(await asWriter('GET', `referrers/${unknownDigest}?n=${n}`), 400, 'PAGINATION_NUMBER_INVALID');
  });

  test('B81 n=0 is an empty page and n=1000000000 a large one', async () => {
    const none = await asWriter('GET', 'tags/list?n=0');
    expect([none.status, JSON.parse(none.body.toString()).tags, none.headers.link]).toEqual([200, [], undefined]);
    expect((await asWriter('GET', 'tags/list?n=1000000000')).status).toBe(200);
    expect((await asWriter('GET', 'tags/list?n=99999999999999999999999')).status).toBe(200);
  });

  test('B84 a filter cannot break out of a header', async () => {
    const answer = await asWriter(
      'GET',
      `referrers/${unknownDigest}?artifactType=${'x'.repeat(10_000)}%0d%0aX-Evil:%201`,
    );
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString()).manifests).toEqual([]);
    expect(answer.headers['x-evil']).toBeUndefined();
  });
});

/** Sends text as it is and resolves with everything that comes back. */
function rawExchange(text: string): Promise<string> {
  const { hostname, port } = new URL(berth.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', (error) => (received === '' ? reject(error) : resolve(received)));
    socket.on('close', () => resolve(received));
  });
}
