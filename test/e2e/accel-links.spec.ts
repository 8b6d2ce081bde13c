import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { content, randomBytesOf } from '../support/images.js';
import { type Nginx, startNginx } from '../support/nginx.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';

const blobs = 'docker/registry/v2/blobs';
const hex = 'ab'.repeat(32);
const secret = 'what nobody may read';

requireTool('nginx')('a link in the place of a blob that nginx sends', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-links-'));
    await chmod(directory, 0o755);
    await mkdir(join(directory, 'elsewhere/ab', hex), { recursive: true });
    await writeFile(join(directory, 'elsewhere/ab', hex, 'data'), secret);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const elsewhere = (...names: string[]) => join(directory, 'elsewhere', ...names);

  /** Something that says yes to everything stands in for a Berth that looked a moment before the link was there. */
  describe('after Berth has said yes', () => {
    let yes: Server;
    let nginx: Nginx;
    let dataDir: string;
    beforeAll(async () => {
      dataDir = join(directory, 'data');
      await mkdir(join(dataDir, blobs), { recursive: true });
      const redirect = `/berth-blobs/sha256/ab/${hex}/data`;
      yes = createServer((request, response) => {
        response.writeHead(200, request.url === '/blob' ? { 'x-accel-redirect': redirect } : {}).end();
      });
      await new Promise<void>((resolve) => yes.listen(0, '127.0.0.1', resolve));
      const { port } = yes.address() as AddressInfo; // it listens
      nginx = await startNginx(`127.0.0.1:${port}`, dataDir);
    });
    afterAll(async () => {
      await nginx.stop();
      yes.close();
      yes.closeAllConnections();
    });
    beforeEach(() => rm(join(dataDir, blobs, 'sha256'), { recursive: true, force: true }));
    const blob = (...names: string[]) => join(dataDir, blobs, 'sha256', ...names);

    it('a file is sent', async () => {
      await mkdir(blob('ab', hex), { recursive: true });
      await writeFile(blob('ab', hex, 'data'), 'layer');
      const { status, body } = await send(nginx.url, '/blob');
      expect([status, body.toString()]).toEqual([200, 'layer']);
    });

    it.each<[string, string[], string[]]>([
      ['the file', ['ab', hex, 'data'], ['ab', hex, 'data']],
      ['its folder', ['ab', hex], ['ab', hex]],
      ['the folder above', ['ab'], ['ab']],
      ['the folder of the algorithm', [], []],
    ])('is not followed: %s', async (_, place, target) => {
      await mkdir(dirname(blob(...place)), { recursive: true });
      await symlink(elsewhere(...target), blob(...place));
      const { status, body } = await send(nginx.url, '/blob');
      expect([403, 404]).toContain(status);
      expect(body.toString()).not.toContain(secret);
    });

    it('a pipe makes nobody wait', async () => {
      await mkdir(blob('ab', hex), { recursive: true });
      execFileSync('mkfifo', [blob('ab', hex, 'data')]);
      expect((await send(nginx.url, '/blob')).status).toBeGreaterThanOrEqual(400);
      expect((await send(nginx.url, '/v2/')).status).toBe(200);
    });
  });

  describe('as Berth finds it', () => {
    let berth: Berth;
    let nginx: Nginx;
    beforeAll(async () => {
      berth = await startBerth({ env: { BERTH_ACCEL_REDIRECT: '/berth-blobs' } });
      nginx = await startNginx(berth.host, berth.dataDir);
    });
    afterAll(async () => {
      await nginx.stop();
      await berth.stop();
    });

    it.each([0, 1])('is an error of ours, and nothing of it is sent: %d folders above the file', async (above) => {
      const layer = content('application/octet-stream', randomBytesOf(`link ${above}`, 300_000));
      const client = await RegistryClient.open(nginx.url, berth.admin);
      await client.pushBlob('team/app', layer);
      const ofBlob = layer.digest.slice('sha256:'.length);
      const folder = join(berth.dataDir, blobs, 'sha256', ofBlob.slice(0, 2), ofBlob);
      const place = above === 0 ? join(folder, 'data') : folder;
      await rename(place, elsewhere(`kept-${above}`));
      await symlink(elsewhere(`kept-${above}`), place);
      const { status, body } = await client.request('team/app', `blobs/${layer.digest}`, { actions: 'pull' });
      expect([status, body.includes(layer.bytes)]).toEqual([500, false]);
    });
  });
});
