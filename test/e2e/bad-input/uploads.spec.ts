import { connect } from 'node:net';
import { sha256 } from '../../support/images.js';
import { until } from '../../support/ports.js';
import {
  ask,
  below,
  type Row,
  refuses,
  repository,
  type Scene,
  toUpload,
  unknownDigest,
  unknownUpload,
} from './harness.js';

const hex = unknownDigest.slice('sha256:'.length);
const chunk = (which: 'empty' | 'ten', range: string, body: string) =>
  toUpload(which, 'PATCH', '', { headers: { 'Content-Range': range }, body });

const rows: Row[] = [
  {
    ...{
      id: 'B31',
      what: 'POST with a token of somebody who may pull',
      send: below('POST', 'blobs/uploads/', 'reader'),
    },
    ...{ status: 401, code: 'UNAUTHORIZED' },
    headers: { 'www-authenticate': /pull,push",error="insufficient_scope",error_description="push on [a-z/-]+ is not/ },
  },
  {
    ...{ id: 'B31', what: 'the same with a password', send: below('POST', 'blobs/uploads/', 'readerByPassword') },
    ...{ status: 403, code: 'DENIED' },
  },
  ...[
    ['B32', 'sha256:zz'],
    ['B32', ''],
    ['B33', unknownDigest],
    ['B33', `${unknownDigest}&digest=${unknownDigest}`],
  ].map(([id = '', digest = '']) => ({
    ...{ id, what: `POST with the digest "${digest.slice(0, 20)}"`, status: 400, code: 'DIGEST_INVALID' },
    send: below('POST', `blobs/uploads/?digest=${digest}`, 'writer', { body: 'x' }),
  })),
  ...['md5', '', 'SHA256', 'sha384'].map((algorithm) => ({
    ...{ id: 'B34', what: `POST with the algorithm "${algorithm}"`, status: 400, code: 'DIGEST_INVALID' },
    send: below('POST', `blobs/uploads/?digest-algorithm=${algorithm}`, 'writer', { body: '' }),
  })),
  ...[
    ['B34', 'digest-algorithm=sha512'],
    ['B35', 'mount=sha256:bad&from=acme/base'],
    ['B35', `mount=${unknownDigest}&from=../x`],
    ['B35', `mount=${unknownDigest}&from=Upper`],
    ['B36', `mount=${unknownDigest}&from=acme/missing`],
    ['B36', `mount=${unknownDigest}&from=secret/base`],
    ['B36', `mount=${unknownDigest}`],
  ].map(([id = '', query = '']) => ({
    ...{
      id,
      what: `POST with ${query.slice(0, 30)}${query.slice(-12)} is a session`,
      status: 202,
      opens: true as const,
    },
    send: below('POST', `blobs/uploads/?${query}`, 'writer', { body: '' }),
    headers: { location: /^\/v2\/acme\/app\/blobs\/uploads\/[0-9a-f-]{36}$/, range: /^0-0$/ },
  })),
  ...[unknownUpload, '../x', '%00', '%2e%2e%2fx', 'x'.repeat(300), 'a/b/c'].flatMap((id) =>
    ['GET', 'PATCH', 'DELETE', 'PUT'].map((method) => ({
      ...{ id: 'B37', what: `${method} of the upload ${id.slice(0, 12)}`, status: 404, code: 'BLOB_UPLOAD_UNKNOWN' },
      send: below(method, `blobs/uploads/${id}${method === 'PUT' ? `?digest=${unknownDigest}` : ''}`),
    })),
  ),
  ...['GET', 'PATCH', 'DELETE', 'PUT'].flatMap((method) => {
    const query = method === 'PUT' ? `?digest=${unknownDigest}` : '';
    const theirs: Row['send'] = (scene) => ask(method, `${scene.upload.ten}${query}`, 'other')(scene);
    const elsewhere: Row['send'] = (scene) =>
      ask(method, `${scene.upload.ten.replace(repository, 'acme/other')}${query}`)(scene);
    return [
      { what: `${method} of somebody else's upload`, send: theirs },
      { what: `${method} of one's own under another name`, send: elsewhere },
    ].map((row) => ({ id: 'B37', ...row, status: 404, code: 'BLOB_UPLOAD_UNKNOWN' }));
  }),
  {
    ...{ id: 'B38', what: 'a chunk behind a gap', send: chunk('empty', '10-14', 'hello') },
    ...{ status: 416, code: 'RANGE_INVALID', headers: { range: /^0-0$/, location: /\/blobs\/uploads\// } },
  },
  ...[
    ['B39', '0-9', '0123456789'],
    ['B39', '5-14', '0123456789'],
    ['B38', '11-15', 'hello'],
  ].map(([id = '', range = '', body = '']) => ({
    ...{ id, what: `the chunk ${range} after ten bytes`, send: chunk('ten', range, body) },
    ...{ status: 416, code: 'RANGE_INVALID', headers: { range: /^0-9$/, location: /\/blobs\/uploads\// } },
  })),
  ...['abc', 'bytes 0-9', '9-0', '0-', '-5', '0-9/20', '18446744073709551616-18446744073709551620', '0-4,5-9'].map(
    (range) => ({
      ...{ id: 'B40', what: `a chunk with ${range}`, send: chunk('empty', range, 'hello') },
      ...{ status: 400, code: 'BLOB_UPLOAD_INVALID' },
    }),
  ),
  { id: 'B41', what: 'a chunk of five that says ten', send: chunk('empty', '0-9', 'hello'), ...sizeInvalid() },
  { id: 'B41', what: 'a chunk of five that says three', send: chunk('empty', '0-2', 'hello'), ...sizeInvalid() },
  ...[
    ['B45', ''],
    ['B47', `?digest=sha256:${hex.toUpperCase()}`],
    ['B47', '?digest=md5:d41d8cd98f00b204e9800998ecf8427e'],
    ['B47', `?digest=${unknownDigest}a`],
    ['B47', `?digest=${unknownDigest}&digest=${unknownDigest}`],
    ['T39', `?digest=SHA256:${hex}`],
    ['T39', `?digest=${unknownDigest}%00`],
    ['T39', `?digest=sha512:${hex}`],
    ['T41', `?digest[]=${unknownDigest}`],
  ].map(([id = '', query = '']) => ({
    ...{ id, what: `PUT ${query.slice(0, 30)}`, send: toUpload('ten', 'PUT', query, { body: 'x' }) },
    ...{ status: 400, code: 'DIGEST_INVALID' },
  })),
];

function sizeInvalid() {
  return { status: 400, code: 'SIZE_INVALID' };
}

refuses(rows, (scene) => {
  const standing = async ({ writer }: Scene, location: string) =>
    (await writer.uploadStatus(repository, location)).headers.range;
  const start = async () => (await scene().writer.startUpload(repository)).location;

  test('none of it has moved the two uploads', async () => {
    expect(await standing(scene(), scene().upload.empty)).toBe('0-0');
    expect(await standing(scene(), scene().upload.ten)).toBe('0-9');
    expect((await scene().writer.finishUpload(repository, scene().upload.ten, sha256(Buffer.alloc(10)))).status).toBe(
      201,
    );
  });

  test('B42 half a chunk and the end: nothing is acknowledged, and no blob is made of it', async () => {
    const { berth, writer, as } = scene();
    const location = await start();
    const { hostname, port } = new URL(berth.url);
    const heard = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => {
        const head = `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${as.writer}\r\nContent-Length: 100\r\n\r\n`;
        socket.end(`${head}${'x'.repeat(50)}`);
      });
      socket.setEncoding('latin1').on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text)).on('error', () => undefined);
    });
    expect(heard).not.toMatch(/^HTTP\/1\.1 2/);
    await until('the session rests', async () => {
      return ['0-0', '0-49'].includes(String(await standing(scene(), location)));
    });
    const put = await writer.finishUpload(repository, location, sha256(Buffer.from('x'.repeat(100))));
    expect(put.status).toBe(400);
    expect(await writer.hasBlob(repository, sha256(Buffer.from('x'.repeat(100))))).toBe(false);
  });

  test.each(['text/plain', 'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'B43 the type "%s" of a chunk means nothing',
    async (type) => {
      const answer = await scene().writer.append(repository, await start(), '{}', {
        headers: { 'content-type': type },
      });
      expect([answer.status, answer.headers.range]).toEqual([202, '0-1']);
    },
  );

  test('B46 the wrong digest ends the session, and nothing is stored', async () => {
    const location = await start();
    const put = await scene().writer.finishUpload(repository, location, unknownDigest, 'other bytes');
    expect([put.status, JSON.parse(put.body.toString()).errors[0].code]).toEqual([400, 'DIGEST_INVALID']);
    for (const digest of [unknownDigest, sha256(Buffer.from('other bytes'))]) {
      expect(await scene().writer.hasBlob(repository, digest)).toBe(false);
    }
    expect((await scene().writer.uploadStatus(repository, location)).status).toBe(404);
  });
});
