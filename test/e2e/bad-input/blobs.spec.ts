import { below, image, type Row, refuses, unknownDigest } from './harness.js';

const { config } = image;
const layer = image.layers[0]?.digest ?? '';
const hex = unknownDigest.slice('sha256:'.length);

const rows: Row[] = [
  ...[
    ['B54', 'sha256:abc'],
    ['B54', 'latest'],
    ['B54', 'sha256:'],
    ['B54', '%00'],
    ['T39', 'md5:d41d8cd98f00b204e9800998ecf8427e'],
    ['T39', 'sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['T39', `SHA256:${hex}`],
    ['T39', `sha256:${hex.toUpperCase()}`],
    ['T39', `sha256:${hex.slice(1)}`],
    ['T39', `sha256:${hex}0`],
    ['T39', `sha256:${hex}%00`],
    ['T39', `sha512:${hex}`],
    ['T15', '%2e%2e%2f%2e%2e%2fsecret.key'],
    ['T15', `sha256:..%2f..%2f${hex.slice(10)}`],
  ].flatMap(([id = '', digest = '']) =>
    ['GET', 'DELETE'].map((method) => ({
      ...{ id, what: `${method} of ${digest.slice(0, 40)}`, send: below(method, `blobs/${digest}`) },
      ...{ status: 400, code: 'DIGEST_INVALID' },
    })),
  ),
  { id: 'B54', what: 'a path behind a digest', send: below('GET', `blobs/${unknownDigest}/x`), status: 404 },
  { id: 'B55', what: 'nobody has it', send: below('GET', `blobs/${unknownDigest}`), status: 404, code: 'BLOB_UNKNOWN' },
  {
    ...{ id: 'T39', what: 'zeroes for a digest', send: below('GET', `blobs/sha256:${'0'.repeat(64)}`) },
    ...{ status: 404, code: 'BLOB_UNKNOWN' },
  },
  { id: 'B56', what: 'HEAD has no body', send: below('HEAD', `blobs/${unknownDigest}`), status: 404 },
  { id: 'B56', what: 'nor for nobody', send: below('HEAD', `blobs/${unknownDigest}`, 'nobody'), status: 401 },
  ...['500000-600000', `${config.bytes.length}-`, '500-0', '99999999999999999999-'].map((range) => ({
    ...{ id: 'B57', what: `bytes=${range}`, status: 416, code: 'RANGE_INVALID' },
    send: below('GET', `blobs/${config.digest}`, 'writer', { headers: { Range: `bytes=${range}` } }),
    headers: { 'content-range': new RegExp(`^bytes \\*/${config.bytes.length}$`) },
  })),
  ...[layer, config.digest, unknownDigest].map((digest) => ({
    ...{ id: 'B60', what: 'DELETE without the right', send: below('DELETE', `blobs/${digest}`, 'pusher') },
    ...{ status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': /:delete",error="insufficient_scope"/ } },
  })),
  { id: 'B60', what: 'DELETE of none', send: below('DELETE', `blobs/${unknownDigest}`), status: 404 },
  {
    ...{ id: 'B60', what: 'DELETE of what a manifest names', send: below('DELETE', `blobs/${config.digest}`) },
    ...{ status: 405, code: 'UNSUPPORTED' },
  },
  {
    ...{ id: 'B60', what: 'the same of a layer', send: below('DELETE', `blobs/${layer}`) },
    ...{ status: 405, code: 'UNSUPPORTED' },
  },
  ...['POST', 'PUT', 'PATCH'].map((method) => ({
    ...{ id: 'B06', what: `${method} of a blob`, send: below(method, `blobs/${config.digest}`) },
    ...{ status: 405, code: 'UNSUPPORTED', headers: { allow: /^GET, HEAD, DELETE$/ } },
  })),
];

refuses(rows, (scene) => {
  test('B55 T2 what is not in this repository is unknown, wherever else it is', async () => {
    const { writer } = scene();
    const elsewhere = { digest: unknownDigest, mediaType: '', bytes: Buffer.from('nobody has this') };
    await writer.pushBlob('acme/other', elsewhere);
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      const path = `blobs/${unknownDigest}`;
      const answer = await writer.request('acme/app', path, { method, actions: 'pull,push,delete' });
      expect([method, answer.status]).toEqual([method, 404]);
    }
  });

  test('what could be a range and is none means the whole', async () => {
    for (const range of ['bytes=', 'bytes=-', 'bytes=a-b', 'lines=0-1', 'bytes=0-0,5-6', '0-5']) {
      const answer = await scene().writer.request('acme/app', `blobs/${config.digest}`, { headers: { range } });
      expect([range, answer.status, answer.body.length]).toEqual([range, 200, config.bytes.length]);
    }
  });
});
