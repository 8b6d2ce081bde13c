import { sign } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { type Content, content, descriptor, json, MiB, randomBytesOf, sha256, types } from '../support/images.js';
import { addUser } from '../support/people.js';
import { RawConnection } from '../support/raw-connection.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;
let bob: Credentials;

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_LAYOUT_MIRROR: 'false' } });
  ann = await addUser(berth, 'ann', { 'ann/*': ['push', 'delete'] });
  bob = await addUser(berth, 'bob', { 'bob/*': ['push', 'delete'] });
});
afterAll(() => berth.stop());

const client = (who: Credentials) => RegistryClient.open(berth.url, who);
const residentBytes = async () => {
  const status = await readFile(`/proc/${berth.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
};

test('T2 T2b knowing a digest is worth nothing; having the bytes is a push, and they are stored once', async () => {
  const blob = content('application/octet-stream', randomBytesOf('T2', 200_000));
  const [hers, his] = [await client(ann), await client(bob)];
  await hers.pushBlob('ann/secret', blob);
  for (const query of [`mount=${blob.digest}&from=ann/secret`, `mount=${blob.digest}`]) {
    expect((await his.startUpload('bob/app', `?${query}`)).status).toBe(202);
  }
  for (const method of ['GET', 'HEAD']) {
    expect((await his.request('bob/app', `blobs/${blob.digest}`, { method })).status).toBe(404);
  }
  const manifest = json(types.manifest, {
    ...{ schemaVersion: 2, mediaType: types.manifest, layers: [] },
    config: descriptor(blob),
  });
  const put = await his.putManifest('bob/app', 'stolen', manifest);
  expect([put.status, JSON.parse(put.body.toString()).errors[0].code]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);

  const stored = () => readdir(join(berth.dataDir, 'docker/registry/v2/blobs'), { recursive: true });
  const before = await stored();
  await his.pushBlob('bob/app', blob);
  expect(await stored()).toEqual(before);
  expect((await his.getBlob('bob/app', blob.digest)).body.equals(blob.bytes)).toBe(true);
  // T3: hers goes, his stays; and hers does not come back because his is read.
  expect(
    (await hers.request('ann/secret', `blobs/${blob.digest}`, { method: 'DELETE', actions: 'delete' })).status,
  ).toBe(202);
  for (let time = 0; time < 100; time++) {
    expect((await his.getBlob('bob/app', blob.digest)).status).toBe(200);
    expect(await hers.hasBlob('ann/secret', blob.digest)).toBe(false);
  }
});

test('a push that takes longer than its token goes on to its end, and nothing else does', async () => {
  const his = await client(bob);
  const blob = content('application/octet-stream', randomBytesOf('a long push', 200_000));
  const { location } = await his.startUpload('bob/long');
  const headers = { authorization: `Bearer ${await expired(bob, 'repository:bob/long:pull,push')}` };
  const patched = await his.raw(location, { method: 'PATCH', headers, body: blob.bytes.subarray(0, 100_000) });
  expect([patched.status, patched.headers.range]).toEqual([202, '0-99999']);

  const theirs = (await (await client(ann)).startUpload('ann/long')).location;
  for (const [method, path] of [
    ['GET', '/v2/'],
    ['GET', location],
    ['DELETE', location],
    ['POST', '/v2/bob/long/blobs/uploads/'],
    ['PATCH', location.replace(/[0-9a-f]{12}$/, '0'.repeat(12))],
    ['PATCH', theirs],
    ['PUT', '/v2/bob/long/manifests/v1'],
  ] as const) {
    const answer = await his.raw(path, { method, headers });
    expect([method, path, answer.status]).toEqual([method, path, 401]);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
  }
  const path = `${location}?digest=${blob.digest}`;
  const put = await his.raw(path, { method: 'PUT', headers, body: blob.bytes.subarray(100_000) });
  expect(put.status).toBe(201);
  expect((await his.getBlob('bob/long', blob.digest)).body.equals(blob.bytes)).toBe(true);
});

test('T8 no size of a page takes memory or an error of ours', async () => {
  const his = await client(bob);
  const catalog = { authorization: `Bearer ${await berth.token(bob.username, bob.password, 'registry:catalog:*')}` };
  const sizes = ['1000000000', '2147483648', '9223372036854775808', '-1', '0', 'abc', '1e3', '%00', '1&n=2'];
  const asked = async () => {
    for (const n of [...sizes.map((size) => `n=${size}`), 'n[]=1']) {
      const answers = [
        await his.request('bob/app', `tags/list?${n}`, { actions: 'pull' }),
        await his.request('bob/app', `referrers/${sha256(Buffer.from(n))}?${n}`, { actions: 'pull' }),
        await his.raw(`/v2/_catalog?${n}`, { headers: catalog }),
      ];
      for (const { status } of answers) expect([200, 400]).toContain(status);
    }
  };
  await asked();
  const before = await residentBytes();
  for (let round = 0; round < 10; round++) await asked();
  expect((await residentBytes()) - before).toBeLessThan(20 * MiB);
});

test('T9 a manifest that never ends is refused at its limit, and takes no memory', async () => {
  const token = await berth.token(bob.username, bob.password, 'repository:bob/app:pull,push');
  const before = await residentBytes();
  const connection = await RawConnection.open(berth.url);
  const head = ['PUT /v2/bob/app/manifests/endless HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`];
  connection.write(`${head.join('\r\n')}\r\nTransfer-Encoding: chunked\r\nContent-Type: ${types.manifest}\r\n\r\n`);
  const mebibyte = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MiB, ' '), Buffer.from('\r\n')]);
  for (let sent = 0; sent < 100 && connection.open; sent++) await connection.send(mebibyte);
  const answer = await connection.answer();
  expect([answer?.status, answer?.headers.get('connection')]).toEqual([413, ['close']]);
  expect(JSON.parse(String(answer?.body)).errors[0].code).toBe('SIZE_INVALID');
  await connection.ended();
  expect((await residentBytes()) - before).toBeLessThan(48 * MiB);
});

test('T16 the addresses in a manifest are for clients: nothing is ever fetched from them', async () => {
  let hits = 0;
  const canary = createServer((_, response) => {
    hits++;
    response.end();
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/layer`;
    const his = await client(bob);
    const config: Content = content('application/vnd.oci.image.config.v1+json', Buffer.from('{}'));
    await his.pushBlob('bob/app', config);
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: sha256(Buffer.from('elsewhere')),
      size: 9,
      urls: [url, `${url}/again`],
    };
    const manifest = json(types.manifest, {
      ...{ schemaVersion: 2, mediaType: types.manifest, layers: [foreign] },
      config: { ...descriptor(config), urls: [url] },
    });
    expect((await his.putManifest('bob/app', 'foreign', manifest)).status).toBe(201);
    const index = json(types.index, {
      ...{ schemaVersion: 2, mediaType: types.index },
      manifests: [{ ...descriptor(manifest), urls: [url] }],
    });
    expect((await his.putManifest('bob/app', 'index', index)).status).toBe(201);
    expect((await his.getManifest('bob/app', 'foreign')).body).toEqual(manifest.bytes);
    expect((await his.getBlob('bob/app', foreign.digest)).status).toBe(404);
    const about = `/api/v1/repositories/bob%2Fapp/manifests/${manifest.digest}`;
    for (const path of ['/api/v1/repositories/bob%2Fapp', '/api/v1/repositories/bob%2Fapp/tags', about]) {
      expect((await berth.api('GET', path)).status).toBe(200);
    }
    expect((await his.request('bob/app', 'manifests/foreign', { method: 'DELETE', actions: 'delete' })).status).toBe(
      202,
    );
    await berth.restart();
    expect(hits).toBe(0);
  } finally {
    canary.close();
  }
});

test('T38 nobody fills the disk with uploads they never finish', async () => {
  const small = await startBerth({ env: { BERTH_UPLOADS_PER_USER: '20' } });
  try {
    const pusher = await RegistryClient.open(small.url, await addUser(small, 'eve', { 'eve/*': ['push'] }));
    const statuses: number[] = [];
    for (let time = 0; time < 50; time++) {
      const { status, location } = await pusher.startUpload('eve/app');
      statuses.push(status);
      if (status === 202) expect((await pusher.append('eve/app', location, Buffer.alloc(100_000))).status).toBe(202);
    }
    expect(statuses).toEqual([...Array(20).fill(202), ...Array(30).fill(429)]);
    const files = await readdir(join(small.dataDir, 'uploads'));
    expect(files).toHaveLength(20);
  } finally {
    await small.stop();
  }
});

/** A token as the realm signed it some minutes ago, made with the key of the data directory. */
async function expired(who: Credentials, scope: string): Promise<string> {
  const [header, payload = ''] = (await berth.token(who.username, who.password, scope)).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  for (const time of ['exp', 'nbf', 'iat']) claims[time] -= 600;
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const keys = JSON.parse(await readFile(join(berth.dataDir, 'keys', 'token-keys.json'), 'utf8'));
  const signature = sign('sha256', Buffer.from(text), { key: keys.signing.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
