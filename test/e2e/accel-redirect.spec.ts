import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, send } from '../support/http.js';
import { type Content, content, randomBytesOf, sha256 } from '../support/images.js';
import { type Nginx, startNginx } from '../support/nginx.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';

const repository = 'team/app';
const large = content('application/octet-stream', randomBytesOf('accel', 300_000));
const asked = { 'x-sendfile-type': 'X-Accel-Redirect' };

requireTool('nginx')('blobs that nginx sends', () => {
  let berth: Berth;
  let nginx: Nginx;
  let direct: RegistryClient;
  let proxied: RegistryClient;

  beforeAll(async () => {
    berth = await startBerth({ env: { BERTH_ACCEL_REDIRECT: '/berth-blobs' } });
    nginx = await startNginx(berth.host, berth.dataDir);
    direct = await RegistryClient.open(berth.url, berth.admin);
    proxied = await RegistryClient.open(nginx.url, berth.admin);
    await direct.pushBlob(repository, large);
  });
  afterAll(async () => {
    await nginx.stop();
    await berth.stop();
  });

  const get = (client: RegistryClient, { digest }: Content, method: string, headers: Record<string, string> = {}) =>
    client.request(repository, `blobs/${digest}`, { method, headers, actions: 'pull' });

  test('are answered with a path made of the digest, and only to a proxy that asks', async () => {
    const hex = large.digest.slice('sha256:'.length);
    const redirected = await get(direct, large, 'GET', asked);
    expect([redirected.status, redirected.body.length]).toEqual([200, 0]);
    expect(redirected.headers['x-accel-redirect']).toBe(`/berth-blobs/sha256/${hex.slice(0, 2)}/${hex}/data`);
    const plain = await get(direct, large, 'GET');
    expect(plain.headers).not.toHaveProperty('x-accel-redirect');
    expect(plain.body.equals(large.bytes)).toBe(true);
  });

  test('are not redirected for a client that only says it were a proxy', async () => {
    const wary = await startBerth({ env: { BERTH_ACCEL_REDIRECT: '/berth-blobs', BERTH_TRUSTED_PROXIES: 'none' } });
    try {
      const client = await RegistryClient.open(wary.url, wary.admin);
      await client.pushBlob(repository, large);
      expect((await get(client, large, 'GET', asked)).body.equals(large.bytes)).toBe(true);
    } finally {
      await wary.stop();
    }
  });

  /** Everything a client sees, without what names the exchange or the server. */
  const seen = ({ status, headers, body }: Answer) => {
    const { date, server, connection, 'keep-alive': _, 'x-request-id': __, ...rest } = headers;
    return { status, headers: rest, body: sha256(body) };
  };

  test.each<[string, Record<string, string>]>([
    ['GET', {}],
    ['HEAD', {}],
    ['GET', { range: 'bytes=500-1499' }],
    ['GET', { range: 'bytes=-500' }],
    ['GET', { range: 'bytes=299900-400000' }],
    ['GET', { range: 'bytes=0-0' }],
    ['GET', { range: 'bytes=500-0' }],
    ['GET', { range: 'bytes=400000-' }],
    ['GET', { range: 'bytes=0-1,5-6' }],
    ['GET', { range: 'lines=0-1' }],
    ['HEAD', { range: 'bytes=0-1' }],
    ['GET', { 'if-none-match': `"${large.digest}"` }],
    ['GET', { 'if-none-match': '"other"' }],
    ['GET', { 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() }],
    ['GET', { range: 'bytes=0-9', 'if-range': '"other"' }],
    ['GET', { range: 'bytes=0-9', 'if-range': `"${large.digest}"` }],
  ])('are the same as from Berth: %s %j', async (method, headers) => {
    expect(seen(await get(proxied, large, method, headers))).toEqual(seen(await get(direct, large, method, headers)));
  });

  test('cannot be asked for past Berth', async () => {
    const hex = large.digest.slice('sha256:'.length);
    for (const prefix of [
      '/berth-blobs/sha256/',
      '/berth-blobs/../berth-blobs/sha256/',
      '/assets/../berth-blobs/sha256/',
    ]) {
      expect((await send(nginx.url, `${prefix}${hex.slice(0, 2)}/${hex}/data`)).status).toBe(404);
    }
  });

  test('are not sent when the bytes on the disk are not all there', async () => {
    const damaged = content('application/octet-stream', randomBytesOf('damaged', 200_000));
    await direct.pushBlob(repository, damaged);
    const hex = damaged.digest.slice('sha256:'.length);
    await truncate(join(berth.dataDir, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data'), 1000);
    expect((await get(proxied, damaged, 'GET')).status).toBe(500);
  });
});
