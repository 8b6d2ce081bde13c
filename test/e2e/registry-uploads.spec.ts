import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type Berth, startBerth } from '../support/berth.js';
import type { Question } from '../support/http.js';
import { MiB, randomBytesOf, sha256 } from '../support/images.js';
import { addUser, grant } from '../support/people.js';
import { until } from '../support/ports.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

const repository = 'team/app';
const hello = Buffer.from('hello world');
const helloDigest = sha256(hello);
const sha512 = (bytes: Buffer) => `sha512:${createHash('sha512').update(bytes).digest('hex')}`;

let berth: Berth;
let ann: Credentials;
let client: RegistryClient;

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_UPLOADS_PER_USER: '40' } });
  ann = await addUser(berth, 'ann', { 'team/*': ['push'] });
  client = await RegistryClient.open(berth.url, ann);
});

afterAll(() => berth.stop());

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const start = async () => (await client.startUpload(repository)).location;
const chunk = (location: string, first: number, bytes: Buffer) =>
  client.append(repository, location, bytes, {
    headers: { 'content-range': `${first}-${first + bytes.length - 1}` },
  });
const call = (path: string, question: Question) => client.request(repository, path, question);

describe('the ways to push a blob', () => {
  test('what docker does: POST, one PATCH without a length, PUT; every header it looks at is there', async () => {
    const opened = await client.startUpload(repository);
    expect(opened.status).toBe(202);
    expect(opened.headers.range).toBe('0-0');
    expect(opened.headers['docker-upload-uuid']).toMatch(uuid);
    expect(opened.headers.location).toBe(`/v2/${repository}/blobs/uploads/${opened.headers['docker-upload-uuid']}`);
    const patched = await client.append(
      repository,
      opened.location,
      Readable.from([hello.subarray(0, 6), hello.subarray(6)]),
    );
    expect([patched.status, patched.headers.range]).toEqual([202, '0-10']);
    expect(patched.headers.location).toBe(opened.headers.location);
    const put = await client.finishUpload(repository, patched.location, helloDigest);
    expect(put.status).toBe(201);
    expect(put.headers['docker-content-digest']).toBe(helloDigest);
    expect(put.headers.location).toBe(`/v2/${repository}/blobs/${helloDigest}`);
    expect((await call(`blobs/${helloDigest}`, {})).body).toEqual(hello);
  });

  test('POST with the digest and everything', async () => {
    const bytes = randomBytesOf('monolithic', 300_000);
    const answer = await call(`blobs/uploads/?digest=${sha256(bytes)}`, { method: 'POST', body: bytes });
    expect([answer.status, answer.headers.location]).toEqual([201, `/v2/${repository}/blobs/${sha256(bytes)}`]);
    expect((await client.getBlob(repository, sha256(bytes))).body.equals(bytes)).toBe(true);
  });

  test('POST, then PUT with everything', async () => {
    const bytes = randomBytesOf('post and put', 5 * MiB);
    expect((await client.finishUpload(repository, await start(), sha256(bytes), bytes)).status).toBe(201);
    expect((await client.getBlob(repository, sha256(bytes))).body.equals(bytes)).toBe(true);
  });

  test('chunks, the last one with the PUT', async () => {
    const bytes = randomBytesOf('chunks', 3000);
    const location = await start();
    expect((await chunk(location, 0, bytes.subarray(0, 1000))).headers.range).toBe('0-999');
    expect((await chunk(location, 1000, bytes.subarray(1000, 2000))).headers.range).toBe('0-1999');
    const query = `${location.slice(`/v2/${repository}/`.length)}?digest=${sha256(bytes)}`;
    const headers = { 'content-range': '2000-2999' };
    expect((await call(query, { method: 'PUT', headers, body: bytes.subarray(2000) })).status).toBe(201);
    expect((await client.getBlob(repository, sha256(bytes))).body.equals(bytes)).toBe(true);
  });

  test('B52 the empty blob', async () => {
    const empty = Buffer.alloc(0);
    expect((await client.finishUpload(repository, await start(), sha256(empty))).status).toBe(201);
    const answer = await client.getBlob(repository, sha256(empty));
    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '0', 0]);
  });

  test.each(['', '?digest-algorithm=sha512'])('a SHA-512 blob, announced with POST "%s" and PUT', async (query) => {
    const bytes = randomBytesOf(`sha512 ${query}`, 100_000);
    const { location } = await client.startUpload(repository, query);
    await client.append(repository, location, bytes);
    expect((await client.finishUpload(repository, location, sha512(bytes))).status).toBe(201);
    expect((await client.getBlob(repository, sha512(bytes))).body.equals(bytes)).toBe(true);
    expect((await client.getBlob(repository, sha256(bytes))).status).toBe(404);
  });

  test('F13 twenty clients push the same blob at once, and one copy remains', async () => {
    const bytes = randomBytesOf('twenty', MiB);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => client.finishUpload(repository, await start(), sha256(bytes), bytes)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(201));
    expect((await client.getBlob(repository, sha256(bytes))).body.equals(bytes)).toBe(true);
  });
});

describe('a client that lost its place', () => {
  test('B38 B39 is told where it stands, and the session survives', async () => {
    const location = await start();
    for (const [first, length] of [
      [10, 10],
      [1, 1],
    ] as const) {
      const early = await chunk(location, first, Buffer.alloc(length));
      expect([early.status, early.headers.range, early.headers.location]).toEqual([416, '0-0', location]);
    }
    await chunk(location, 0, hello.subarray(0, 6));
    for (const first of [0, 3, 7]) {
      const wrong = await chunk(location, first, hello.subarray(0, 6));
      expect([wrong.status, wrong.headers.range, wrong.headers.location]).toEqual([416, '0-5', location]);
    }
    const status = await client.uploadStatus(repository, location);
    expect([status.status, status.headers.range, status.headers.location]).toEqual([204, '0-5', location]);
    await chunk(location, 6, hello.subarray(6));
    expect((await client.finishUpload(repository, location, helloDigest)).status).toBe(201);
  });

  test('goes on with the same bytes after kill -9, or starts again when they were few', async () => {
    const bytes = randomBytesOf('killed', 3 * MiB);
    const half = bytes.subarray(0, 2 * MiB);
    const small = await start();
    const large = await start();
    await client.append(repository, small, hello.subarray(0, 6));
    await client.append(repository, large, half);
    await berth.kill();
    await berth.restart();
    client = await RegistryClient.open(berth.url, ann);
    // P5: resumed from what was durable, or unknown; never anything between.
    expect((await client.uploadStatus(repository, small)).status).toBe(404);
    expect((await client.uploadStatus(repository, large)).headers.range).toBe(`0-${half.length - 1}`);
    expect((await chunk(large, half.length, bytes.subarray(half.length))).status).toBe(202);
    expect((await client.finishUpload(repository, large, sha256(bytes))).status).toBe(201);
    expect((await client.getBlob(repository, sha256(bytes))).body.equals(bytes)).toBe(true);
    expect((await client.finishUpload(repository, await start(), helloDigest, hello)).status).toBe(201);
  });

  test('two that write to one session: the second is refused, the first is unharmed', async () => {
    const location = await start();
    const slow = new PassThrough();
    const first = client.append(repository, location, slow);
    slow.write(hello.subarray(0, 6));
    await until('the first one is noticed', async () => {
      const second = await client.append(repository, location, 'evil', { headers: { 'content-range': '6-9' } });
      expect(second.status).toBe(416);
      return second.body.includes('another request is writing');
    });
    for (const body of ['', hello.subarray(6)]) {
      const early = await client.finishUpload(repository, location, helloDigest, body);
      expect([early.status, early.headers.range, early.headers.location]).toEqual([416, '0-5', location]);
      expect(early.headers['docker-upload-uuid']).toBe(location.split('/').at(-1));
    }
    slow.end(hello.subarray(6));
    expect((await first).headers.range).toBe('0-10');
    expect((await client.finishUpload(repository, location, helloDigest)).status).toBe(201);
  });
});

describe('the end of a session', () => {
  const gone = async (location: string) => {
    expect((await client.uploadStatus(repository, location)).status).toBe(404);
    expect((await client.append(repository, location, 'x')).status).toBe(404);
    const put = await client.finishUpload(repository, location, helloDigest);
    expect([put.status, JSON.parse(put.body.toString()).errors[0].code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  };

  test('B48 a second PUT', async () => {
    const location = await start();
    expect((await client.finishUpload(repository, location, helloDigest, hello)).status).toBe(201);
    await gone(location);
  });

  test('B46 the wrong digest', async () => {
    const location = await start();
    const wrong = sha256(Buffer.from('something else'));
    const put = await client.finishUpload(repository, location, wrong, hello);
    expect([put.status, JSON.parse(put.body.toString()).errors[0].code]).toEqual([400, 'DIGEST_INVALID']);
    expect(await client.hasBlob(repository, wrong)).toBe(false);
    await gone(location);
  });

  test('B51 cancelled, once', async () => {
    const location = await start();
    await client.append(repository, location, hello);
    const path = location.slice(`/v2/${repository}/`.length);
    expect((await call(path, { method: 'DELETE' })).status).toBe(204);
    expect((await call(path, { method: 'DELETE' })).status).toBe(404);
    await gone(location);
  });

  test('nothing of them is left on the disk', async () => {
    const open = await start();
    await client.append(repository, open, Buffer.alloc(100_000));
    const id = open.split('/').at(-1) ?? '';
    const left = await readdir(join(berth.dataDir, 'uploads'));
    expect(left).toContain(id);
    await call(open.slice(`/v2/${repository}/`.length), { method: 'DELETE' });
    expect(await readdir(join(berth.dataDir, 'uploads'))).toHaveLength(left.length - 1);
  });
});

describe('whose session it is', () => {
  test("T6 B37 nobody else's, and of no other repository", async () => {
    const location = await start();
    await client.append(repository, location, hello.subarray(0, 6));
    const bob = await RegistryClient.open(berth.url, await addUser(berth, 'bob', { 'team/*': ['push'] }));
    const elsewhere = location.replace(repository, 'team/other');
    for (const [who, name, path] of [
      [bob, repository, location],
      [bob, 'team/other', elsewhere],
      [client, 'team/other', elsewhere],
    ] as const) {
      expect((await who.uploadStatus(name, path)).status).toBe(404);
      expect((await who.append(name, path, 'evil')).status).toBe(404);
      expect((await who.finishUpload(name, path, helloDigest, 'evil')).status).toBe(404);
      expect((await who.request(name, path.slice(`/v2/${name}/`.length), { method: 'DELETE' })).status).toBe(404);
    }
    expect((await client.uploadStatus(repository, location)).headers.range).toBe('0-5');
  });

  test('T11 a grant that is revoked ends the push at once, whatever the token says', async () => {
    const carol = await addUser(berth, 'carol');
    const revoke = await grant(berth, 'carol', 'side/app', ['push']);
    const pusher = await RegistryClient.open(berth.url, carol);
    const { location } = await pusher.startUpload('side/app');
    await revoke();
    expect((await pusher.append('side/app', location, 'x')).status).toBe(401);
    expect((await pusher.startUpload('side/app')).status).toBe(401);
  });
});

describe('limits', () => {
  test('B50 a blob larger than allowed is refused, and what came of it is gone', async () => {
    const limited = await startBerth({ env: { BERTH_MAX_BLOB_BYTES: '1048576' } });
    try {
      const admin = await RegistryClient.open(limited.url, limited.admin);
      const { location } = await admin.startUpload('a/b');
      const large = Buffer.alloc(3 * MiB);
      const answer = await admin.append('a/b', location, large);
      expect([answer.status, JSON.parse(answer.body.toString()).errors[0].code]).toEqual([413, 'SIZE_INVALID']);
      expect((await admin.uploadStatus('a/b', location)).status).toBe(404);
      const whole = await admin.request('a/b', `blobs/uploads/?digest=${sha256(large)}`, {
        method: 'POST',
        body: large,
      });
      expect(whole.status).toBe(413);
      expect(await readdir(join(limited.dataDir, 'uploads'))).toEqual([]);
    } finally {
      await limited.stop();
    }
  });

  test('B53 too many open sessions of one user', async () => {
    const dave = await addUser(berth, 'dave', { 'many/*': ['push'] });
    const pusher = await RegistryClient.open(berth.url, dave);
    const opened = await Promise.all(Array.from({ length: 40 }, () => pusher.startUpload('many/app')));
    expect(new Set(opened.map((answer) => answer.status))).toEqual(new Set([202]));
    const refused = await pusher.startUpload('many/app');
    expect([refused.status, JSON.parse(refused.body.toString()).errors[0].code]).toEqual([429, 'TOOMANYREQUESTS']);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    const path = String(opened[0]?.location).slice('/v2/many/app/'.length);
    expect((await pusher.request('many/app', path, { method: 'DELETE' })).status).toBe(204);
    expect((await pusher.startUpload('many/app')).status).toBe(202);
    expect((await client.startUpload(repository)).status).toBe(202);
  });
});
