import { sha256 } from '../../support/images.js';
import { below, image, type Row, refuses, repository, types, unknownDigest } from './harness.js';

const valid = JSON.parse(image.manifest.bytes.toString());
const text = JSON.stringify(valid);
const but = (change: object) => JSON.stringify({ ...valid, ...change });
const config = (change: object) => but({ config: { ...valid.config, ...change } });

/** PUT of a body, as a manifest unless another type is given. */
function put(body: string | Buffer, type: string = types.manifest, reference = 'bad'): Row['send'] {
  const headers = type === '' ? undefined : { 'Content-Type': type };
  return below('PUT', `manifests/${reference}`, 'writer', { body, ...(headers && { headers }) });
}

const malformed: [string, string, string | Buffer, string?][] = [
  ['B61', 'nothing', ''],
  ['B62', 'no JSON', 'hello'],
  ['B62', 'half a manifest', text.slice(0, -5)],
  ['B62', 'UTF-16', Buffer.from(text, 'utf16le')],
  ['B62', 'a byte order mark', `\ufeff${text}`],
  ['B62', 'garbage behind', `${text}x`],
  ['B62', 'bytes that are no UTF-8', Buffer.from(but({ annotations: { a: '\xff' } }), 'latin1')],
  ['B63', 'an array', '[]'],
  ['B63', 'a string', '"str"'],
  ['B63', 'null', 'null'],
  ['B63', 'a number', '42'],
  ['B66', 'another type than its own', text, types.index],
  ['B66', 'a type that is none of a manifest', but({ mediaType: 'text/html' }), 'text/html'],
  ['B66', 'no type anywhere', but({ mediaType: undefined }), ''],
  ['B67', 'schema 1', but({ schemaVersion: 1 })],
  ['B67', 'schema 1, signed', '{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
  ['B67', 'schema "2"', but({ schemaVersion: '2' })],
  ['B67', 'no schema', but({ schemaVersion: undefined })],
  ['B69', 'a bad digest', config({ digest: 'sha256:xyz' })],
  ['B69', 'a negative size', config({ size: -1 })],
  ['B69', 'half a byte', config({ size: 1.5 })],
  ['B69', 'a vast size', config({ size: 1e20 })],
  ['B69', 'a size in quotes', config({ size: '5' })],
  ['B69', 'another size than stored', config({ size: 1 })],
  ['B69', 'no config', but({ config: undefined })],
  ['B69', 'layers that are no list', but({ layers: {} })],
  ['B69', 'annotations that are no texts', but({ annotations: { a: 1 } })],
  ['T10', 'layers and manifests', but({ manifests: [] })],
  ['T10', 'an index with layers', but({ mediaType: types.index }), types.index],
];

const rows: Row[] = [
  ...malformed.map(([id, what, body, type]) => ({
    ...{ id, what, send: put(body, type), status: 400, code: 'MANIFEST_INVALID' },
  })),
  {
    ...{ id: 'B65', what: '4 MiB and a byte', send: put(Buffer.alloc(4 * 1024 * 1024 + 1, ' ')) },
    ...{ status: 413, code: 'SIZE_INVALID', closes: true as const },
  },
  {
    ...{ id: 'B70', what: 'a layer nobody has', status: 400, code: 'MANIFEST_BLOB_UNKNOWN' },
    send: put(but({ layers: [{ ...valid.layers[0], digest: unknownDigest }] })),
  },
  {
    ...{ id: 'B70', what: 'a child nobody has', status: 400, code: 'MANIFEST_BLOB_UNKNOWN' },
    send: put(
      JSON.stringify({
        ...{ schemaVersion: 2, mediaType: types.index },
        manifests: [{ mediaType: types.manifest, digest: unknownDigest, size: 5 }],
      }),
      types.index,
    ),
  },
  ...[
    ['B71', unknownDigest, 'DIGEST_INVALID'],
    ['B71', 'sha256:bad', 'DIGEST_INVALID'],
    ['B72', '-x', 'TAG_INVALID'],
    ['B72', '.x', 'TAG_INVALID'],
    ['B72', 'a'.repeat(129), 'TAG_INVALID'],
    ['B72', 'a%20b', 'TAG_INVALID'],
    ['B72', '%C3%A9', 'TAG_INVALID'],
    ['B72', 'a%0ab', 'TAG_INVALID'],
    ['B72', 'a/../b', 'TAG_INVALID'],
    ['B72', '%zz', 'TAG_INVALID'],
    ['B72', 'a:b', 'DIGEST_INVALID'],
    ['B73', `${image.manifest.digest}?tag=bad!tag`, 'TAG_INVALID'],
    ['B73', `${image.manifest.digest}?tag=`, 'TAG_INVALID'],
    ['T39', `sha256:${'0'.repeat(64)}`, 'DIGEST_INVALID'],
    ['T39', `sha512:${image.manifest.digest.slice(7)}`, 'DIGEST_INVALID'],
  ].map(([id = '', reference = '', code = '']) => ({
    ...{ id, what: `PUT under ${reference.slice(0, 12)}…${reference.slice(-12)}`, status: 400, code },
    send: put(image.manifest.bytes, types.manifest, reference),
  })),
  ...[
    ['GET', 'none'],
    ['GET', unknownDigest],
    ['GET', '.x'],
    ['GET', 'a'.repeat(129)],
    ['GET', 'a/../b'],
    ['GET', '%zz'],
    ['DELETE', 'none'],
    ['DELETE', unknownDigest],
    ['DELETE', '.x'],
  ].map(([method = '', reference = '']) => ({
    ...{ id: method === 'GET' ? 'B78' : 'B79', what: `${method} of ${reference.slice(0, 12)}` },
    ...{ send: below(method, `manifests/${reference}`), status: 404, code: 'MANIFEST_UNKNOWN' },
  })),
  {
    ...{ id: 'B78', what: 'GET from a repository that is not there', status: 404, code: 'NAME_UNKNOWN' },
    send: (scene) => Buffer.from(below('GET', 'manifests/x')(scene).toString().replace(repository, 'acme/none')),
  },
  {
    ...{ id: 'B79', what: 'DELETE without the right', send: below('DELETE', 'manifests/latest', 'pusher') },
    ...{ status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': /:delete",error="insufficient_scope"/ } },
  },
];

refuses(rows, (scene) => {
  const request = (method: string, path: string, body?: string | Buffer, type = types.manifest) =>
    scene().writer.request(repository, `manifests/${path}`, {
      ...{ method, actions: 'pull,push,delete' },
      ...(body !== undefined && { body, headers: type === '' ? {} : { 'content-type': type } }),
    });

  test('B65 3.9 MB are a manifest', async () => {
    const annotations = Object.fromEntries(Array.from({ length: 390 }, (_, i) => [`key${i}`, 'x'.repeat(10_000)]));
    expect((await request('PUT', 'large', but({ annotations }))).status).toBe(201);
  });

  test.each(['', 'application/json'])('B66 the type "%s" leaves it to the body', async (type) => {
    expect((await request('PUT', 'typed', text, type)).status).toBe(201);
    expect((await request('GET', 'typed')).headers['content-type']).toBe(types.manifest);
  });

  test('B70 a subject that is not there is no obstacle', async () => {
    const subject = { mediaType: types.manifest, digest: unknownDigest, size: 5 };
    const answer = await request('PUT', 'about', but({ subject }));
    expect([answer.status, answer.headers['oci-subject']]).toEqual([201, unknownDigest]);
  });

  test('B73 many tags at once', async () => {
    const tags = Array.from({ length: 200 }, (_, index) => `many-${index}`);
    const query = tags.map((tag) => `tag=${tag}`).join('&');
    const answer = await request('PUT', `${image.manifest.digest}?${query}`, image.manifest.bytes);
    expect([answer.status, String(answer.headers['oci-tag']).split(', ')]).toEqual([201, tags]);
    expect((await request('GET', 'many-199')).body).toEqual(image.manifest.bytes);
  });

  test('B76 odd annotations are stored byte for byte', async () => {
    const annotations = { xss: '<script>alert(1)</script>', big: 'x'.repeat(1_000_000) };
    const odd = but({ annotations }).replace('"xss"', '"__proto__"');
    expect((await request('PUT', 'odd', odd)).status).toBe(201);
    expect((await request('GET', 'odd')).body.toString()).toBe(odd);
  });

  test('B77 what the client accepts changes nothing', async () => {
    const headers = { accept: 'text/html' };
    const answer = await scene().writer.request(repository, 'manifests/latest', { headers });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, types.manifest]);
  });

  test('B79 a tag is deleted once', async () => {
    await request('PUT', 'twice', text);
    expect((await request('DELETE', 'twice')).status).toBe(202);
    expect((await request('DELETE', 'twice')).status).toBe(404);
    expect(sha256((await request('GET', 'latest')).body)).toBe(image.manifest.digest);
  });
});
