import { addUser } from '../../support/people.js';
import {
  ask,
  below,
  image,
  type Row,
  refuses,
  repository,
  type Scene,
  toUpload,
  unknownDigest,
  unknownUpload,
} from './harness.js';

const challenge = /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/token",service="berth"/;
const raw = (text: string) => () => text;

const rows: Row[] = [
  {
    ...{ id: 'B01', what: 'nobody', send: ask('GET', '/v2/', 'nobody') },
    ...{ status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': new RegExp(`${challenge.source}$`) } },
  },
  ...['Bearer garbage', 'Bearer', 'bearer x.y.z', `Bearer ${'a'.repeat(10_000)}`].map((authorization) => ({
    ...{ id: 'B02', what: `${authorization.slice(0, 20)}`, send: withAuthorization(authorization) },
    ...{ status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': /,error="invalid_token"$/ } },
  })),
  ...['Basic !!!notb64', 'Basic', 'Basic bm8gY29sb24=', 'Digest username="x"', 'Negotiate abc', '\u00ff\u00fe'].map(
    (authorization) => ({
      ...{ id: 'B03', what: authorization, send: withAuthorization(authorization) },
      ...{ status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': challenge } },
    }),
  ),
  { id: 'B05', what: 'the first version of the API', send: ask('GET', '/v1/_ping', 'nobody'), status: 404 },
  { id: 'B05', what: '_unknown', send: ask('GET', '/v2/_unknown', 'nobody'), status: 404, code: 'UNSUPPORTED' },
  { id: 'B05', what: 'an unknown resource', send: below('GET', 'blah/x', 'nobody'), status: 404, code: 'UNSUPPORTED' },
  ...['TRACE', 'PROPFIND', 'OPTIONS', 'POST', 'PATCH'].map((method) => ({
    ...{ id: method === 'POST' ? 'B07' : 'B06', what: `${method} of a manifest` },
    ...{ send: below(method, 'manifests/latest', 'nobody'), status: 405, code: 'UNSUPPORTED' },
    headers: { allow: /^GET, HEAD, PUT, DELETE$/ },
  })),
  { id: 'B06', what: 'CONNECT', send: below('CONNECT', 'manifests/latest', 'nobody'), status: 405, closes: true },
  { id: 'B06', what: 'an unknown verb', send: below('FOO', 'manifests/latest', 'nobody'), status: 400, closes: true },
  ...[
    ['B08', 'Acme/App'],
    ['B10', '-acme/app'],
    ['B10', 'acme/app-'],
    ['B10', 'a__._b'],
    ['B10', 'acme/.git'],
    ['B11', 'a'.repeat(256)],
    ['B13', 'foo/../..'],
    ['B13', 'foo/./bar'],
    ['T15', '%2e%2e/%2e%2e/etc/passwd'],
    ['T15', 'acme%2fapp'],
    ['T15', 'acme/app%00'],
    ['T15', 'acme\\app'],
  ].map(([id = '', name = '']) => ({
    ...{ id, what: `the name ${name.slice(0, 30)}`, send: ask('GET', `/v2/${name}/tags/list`, 'nobody') },
    ...{ status: 400, code: 'NAME_INVALID' },
  })),
  {
    ...{ id: 'B13', what: 'a climb to an upload' },
    ...{ send: ask('GET', `/v2/foo/../../blobs/uploads/${unknownUpload}`), status: 400, code: 'NAME_INVALID' },
  },
  {
    ...{ id: 'B14', what: 'tags/list of a name that ends with manifests' },
    ...{ send: ask('GET', '/v2/acme/x/manifests/tags/list'), status: 404, code: 'NAME_UNKNOWN' },
  },
  {
    ...{ id: 'B14', what: 'the manifest "tags" of the same' },
    ...{ send: ask('GET', '/v2/acme/x/manifests/manifests/tags'), status: 404, code: 'NAME_UNKNOWN' },
  },
  {
    ...{ id: 'B16', what: 'headers of 20 KB', status: 431, closes: true },
    send: ask('GET', '/v2/', 'nobody', { headers: { X: 'a'.repeat(20_000) } }),
  },
  {
    ...{ id: 'B16', what: 'headers of 20 KB to the realm', status: 431, closes: true },
    send: ask('GET', '/token?service=berth', 'nobody', { headers: { X: 'a'.repeat(20_000) } }),
  },
  {
    ...{ id: 'B16', what: 'headers of 100 KB', status: 431, closes: true },
    send: ask('GET', '/v2/', 'nobody', { headers: { X: 'a'.repeat(100_000) } }),
  },
  {
    ...{ id: 'B16', what: 'an address of 20 KB', status: 431, closes: true },
    send: ask('GET', `/v2/${'a'.repeat(20_000)}`, 'nobody'),
  },
  {
    ...{ id: 'B16', what: 'an address of 64 KB', status: [414, 431], closes: true },
    send: ask('GET', `/v2/${'a'.repeat(64_000)}`, 'nobody'),
  },
  {
    ...{ id: 'B16', what: 'two lengths', status: 400, closes: true },
    send: raw('POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  },
  {
    ...{ id: 'B16', what: 'two different Content-Lengths', status: 400, closes: true },
    send: raw('POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'),
  },
  {
    ...{ id: 'B16', what: 'an unknown transfer coding', status: 400, closes: true },
    send: raw('POST /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'),
  },
  {
    ...{ id: 'B16', what: 'a folded header', status: 400, closes: true },
    send: raw('GET /v2/ HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n'),
  },
  {
    ...{ id: 'B16', what: 'a chunk without a size', status: 400, closes: true },
    send: (scene) => Buffer.concat([Buffer.from(chunked(scene)), Buffer.from('zz\r\n')]),
  },
  {
    ...{ id: 'B16', what: 'no Host', status: 400, closes: true },
    send: raw('GET /v2/ HTTP/1.1\r\n\r\n'),
  },

  // Which of several faults is told: routing, syntax, who, whether they may, whether it is there, what is wrong with it.
  {
    ...{ id: 'order', what: 'no route, a bad name and nobody: 404' },
    ...{ send: ask('GET', '/v2/UPPER/blah/x', 'nobody'), status: 404, code: 'UNSUPPORTED' },
  },
  {
    ...{ id: 'order', what: 'a bad digest and nobody: 400' },
    ...{ send: below('GET', 'blobs/sha256:bad', 'nobody'), status: 400, code: 'DIGEST_INVALID' },
  },
  {
    ...{ id: 'order', what: 'nobody and nothing there: 401' },
    ...{ send: ask('GET', '/v2/acme/none/manifests/none', 'nobody'), status: 401, code: 'UNAUTHORIZED' },
  },
  {
    ...{ id: 'order', what: 'no right and nothing there: 401 for a token' },
    ...{ send: below('DELETE', `blobs/${unknownDigest}`, 'pusher'), status: 401, code: 'UNAUTHORIZED' },
    headers: { 'www-authenticate': new RegExp(`scope="repository:${repository}:delete",error="insufficient_scope"`) },
  },
  {
    ...{ id: 'order', what: 'no right and nothing there: 403 for a password' },
    ...{ send: below('DELETE', `blobs/${unknownDigest}`, 'readerByPassword'), status: 403, code: 'DENIED' },
  },
  {
    ...{ id: 'order', what: 'no session and a chunk that makes no sense: 404' },
    send: below('PATCH', `blobs/uploads/${unknownUpload}`, 'writer', {
      headers: { 'Content-Range': 'abc' },
      body: 'x',
    }),
    ...{ status: 404, code: 'BLOB_UPLOAD_UNKNOWN' },
  },
];

function chunked(scene: Scene): string {
  return toUpload('ten', 'PATCH', '', { headers: { 'Transfer-Encoding': 'chunked' } })(scene).toString();
}

function withAuthorization(authorization: string): Row['send'] {
  return ask('GET', '/v2/', 'nobody', { headers: { Authorization: authorization } });
}

refuses(rows, (scene) => {
  test.each([
    ['GET', 'manifests/latest', 'pull'],
    ['HEAD', `blobs/${unknownDigest}`, 'pull'],
    ['GET', 'tags/list', 'pull'],
    ['PUT', 'manifests/latest', 'pull,push'],
    ['POST', 'blobs/uploads/', 'pull,push'],
    ['PATCH', `blobs/uploads/${unknownUpload}`, 'pull,push'],
    ['DELETE', 'manifests/latest', 'delete'],
  ])('the challenge of %s %s names exactly what it takes', async (method, path, actions) => {
    const answer = await scene().writer.raw(`/v2/${repository}/${path}`, { method });
    expect(answer.status).toBe(401);
    expect([answer.headers['www-authenticate']].flat()).toEqual([
      expect.stringContaining(`scope="repository:${repository}:${actions}"`),
    ]);
    expect(answer.body.length > 0).toBe(method !== 'HEAD');
  });

  test('T14 a private repository and none at all look the same to a stranger', async () => {
    const { username, password } = await addUser(scene().berth, 'stranger');
    const token = await scene().berth.token(username, password, `repository:${repository}:pull`);
    const headers = { authorization: `Bearer ${token}` };
    for (const path of [
      'manifests/latest',
      `blobs/${image.config.digest}`,
      'tags/list',
      `referrers/${unknownDigest}`,
    ]) {
      const [existing, missing] = await Promise.all(
        [repository, 'acme/nix'].map((name) => scene().writer.raw(`/v2/${name}/${path}`, { headers })),
      );
      expect(existing?.status).toBe(401);
      expect(missing?.status).toBe(401);
      expect(existing?.body).toEqual(missing?.body);
      const masked = [existing, missing].map((answer) =>
        answer?.headers['www-authenticate']?.replace(/acme\/(app|nix)/, '…'),
      );
      expect(masked[0]).toEqual(masked[1]);
    }
  });
});
