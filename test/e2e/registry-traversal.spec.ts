import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allOf } from '../support/all-of.js';
import { type Berth, startBerth } from '../support/berth.js';
import { type Nginx, startNginx } from '../support/nginx.js';
import { RawConnection } from '../support/raw-connection.js';
import { requireTool } from '../support/tools.js';

/** Ways out of a directory, as they have been tried on others (CVE-2024-4956 among them). */
const ways = [
  '../../../../../../etc/passwd',
  '..%2f..%2f..%2f..%2fetc%2fpasswd',
  '%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  '%2e%2e%2f%2e%2e%2fsecret.key',
  '..%252f..%252fsecret.key',
  '..%c0%af..%c0%afsecret.key',
  '..\\..\\secret.key',
  '..%5c..%5csecret.key',
  '....//....//secret.key',
  '..;/..;/secret.key',
  '/etc/passwd',
  '%2Fetc%2Fpasswd',
  '../secret.key%00',
  '../secret.key%00.css',
  '.%2e/.%2e/secret.key',
  '~root/secret.key',
  'file:///etc/passwd',
  'berth.db',
];
const places = [
  (way: string) => `/${way}`,
  (way: string) => `/%2F%2F%2F%2F%2F%2F%2F${way}`,
  (way: string) => `/assets/${way}`,
  (way: string) => `/docs/${way}`,
  (way: string) => `/token/${way}`,
  (way: string) => `/v2/${way}`,
  (way: string) => `/v2/${way}/tags/list`,
  (way: string) => `/v2/team/app/manifests/${way}`,
  (way: string) => `/v2/team/app/blobs/${way}`,
  (way: string) => `/v2/team/app/blobs/sha256:${way}`,
  (way: string) => `/v2/team/app/blobs/uploads/${way}`,
  (way: string) => `/v2/team/app/referrers/${way}`,
  (way: string) => `/api/v1/repositories/${way}`,
  (way: string) => `/api/v1/repositories/team%2Fapp/tags/${way}`,
  (way: string) => `/repositories/${way}`,
  (way: string) => `/berth-blobs/${way}`,
];

/** Bodies whose end two servers might see in two places; the second one would be a request of its own. */
const smuggled = [
  'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 33\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
];

function withstands(origin: () => string, berth: () => Berth): void {
  test.each(places.map((place) => [place('…'), place] as const))('T15 no way leads out of %s', async (_, place) => {
    const { dataDir, admin } = berth();
    const secret = await readFile(join(dataDir, 'secret.key'), 'latin1');
    const token = await berth().token(admin.username, admin.password, 'repository:team/app:pull');
    let connection: RawConnection | undefined;
    for (const way of ways) {
      if (!connection?.open) connection = await RawConnection.open(origin());
      connection.write(`GET ${place(way)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      let answer = await connection.answer();
      const [leads] = answer?.headers.get('location') ?? [];
      if (answer?.status === 301 && leads !== undefined) {
        expect(leads).toMatch(/^\/v2\/(?!.*\/\/)/); // without a slash too many, and no way out either
        connection.write(`GET ${leads} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
        answer = await connection.answer();
      }
      if (answer?.headers.get('connection')?.includes('close')) await connection.ended();
      expect(`${place(way)} ${answer?.status}`).toMatch(/ (400|401|404)$/);
      for (const loot of ['root:x:', 'SQLite format', secret.trim()]) expect(answer?.body).not.toContain(loot);
    }
    connection?.close();
    expect(berth().output()).not.toMatch(/"status":5\d\d/);
  });

  test.each(smuggled)('T41 a request inside of a request is not answered (%#)', async (text) => {
    const connection = await RawConnection.open(origin());
    connection.write(text);
    const first = await connection.answer();
    expect(String(first?.status)).toMatch(/^(400|501)$/); // nginx says 501 to codings it does not know
    expect(await connection.answer()).toBeUndefined();
    connection.close();
  });
}

requireTool('nginx')('paths and bodies that no client writes', () => {
  let berth: Berth;
  let nginx: Nginx;
  beforeAll(async () => {
    berth = await startBerth({ env: { BERTH_ACCEL_REDIRECT: '/berth-blobs' } });
    nginx = await startNginx(berth.host, berth.dataDir);
    await berth.api('POST', '/api/v1/repositories', { name: 'team/app', visibility: 'private' });
  });
  afterAll(() => allOf(nginx?.stop(), berth?.stop()));

  describe('directly', () => {
    withstands(
      () => berth.url,
      () => berth,
    );
  });

  describe('through nginx', () => {
    withstands(
      () => nginx.url,
      () => berth,
    );
  });
});
