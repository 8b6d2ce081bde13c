import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { descriptor, manifestOf, types } from '../support/images.js';
import { until } from '../support/ports.js';
import { processorMs } from '../support/processor-time.js';
import { RegistryClient } from '../support/registry-client.js';
import { residentBytes } from '../support/resident.js';

const repository = 'unread/app';
const MiB = 1024 * 1024;

describe('ten clients that ask for 600 KB of answers at once and read none', () => {
  let berth: Berth;
  let client: RegistryClient;
  const large = manifestOf({ manifests: [], annotations: { note: 'x'.repeat(3_900_000) } }, types.index);
  const referrer = manifestOf(
    { manifests: [], subject: descriptor(large), annotations: { note: 'y'.repeat(3_000_000) } },
    types.index,
  );

  beforeAll(async () => {
    berth = await startBerth();
    client = await RegistryClient.open(berth.url, berth.admin);
    for (const manifest of [large, referrer])
      expect((await client.putManifest(repository, manifest.digest, manifest)).status).toBe(201);
  });
  afterAll(async () => {
    await berth?.stop();
  });

  const bearer = async (kind: 'registry' | 'api') =>
    kind === 'registry'
      ? await client.token(`repository:${repository}:pull,push`)
      : await berth.signIn(berth.admin.username, berth.admin.password);

  const unread = (text: string): Socket => {
    const socket = connect(Number(new URL(berth.url).port), '127.0.0.1');
    socket.on('error', () => undefined).pause();
    socket.write(text);
    return socket;
  };

  it.each([
    ['the description of the API', 'api', '/api/openapi.json'],
    ['the same as YAML', 'api', '/api/openapi.yaml'],
    ['manifests', 'registry', `/v2/${repository}/manifests/${large.digest}`],
    ['referrers', 'registry', `/v2/${repository}/referrers/${large.digest}`],
    ['details of an image', 'api', `/api/v1/repositories/unread%2Fapp/manifests/${large.digest}`],
    ['pages', 'api', '/help'],
    ['next to nothing', 'api', '/'],
  ] as const)('keep little memory and nobody waiting (%s)', async (_name, kind, path) => {
    const headers = { authorization: `Bearer ${await bearer(kind)}` };
    // What those who do read leave behind is not what this is about.
    for (let time = 0; time < 30; time++)
      await Promise.all(Array.from({ length: 10 }, () => send(berth.url, path, { headers })));
    const before = await residentBytes(berth.pid);
    const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await bearer(kind)}\r\n\r\n`;
    const text = head.repeat(Math.ceil(600_000 / head.length));
    const sockets = Array.from({ length: 10 }, () => unread(text));
    let most = 0;
    let slowest = 0;
    for (let time = 0; time < 20; time++) {
      const started = await processorMs(berth.pid); // what a probe waits for on a machine that does nothing else
      expect((await send(berth.url, '/healthz')).status).toBe(200);
      slowest = Math.max(slowest, (await processorMs(berth.pid)) - started);
      most = Math.max(most, await residentBytes(berth.pid));
      await delay(100);
    }
    for (const socket of sockets) socket.destroy();
    expect(most - before).toBeLessThan(64 * MiB);
    expect(slowest).toBeLessThan(500);
  });

  it('go, the slowest first, when there are many, and newcomers are served', async () => {
    const path = `/v2/${repository}/referrers/${large.digest}`;
    const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await bearer('registry')}\r\n\r\n`;
    const before = await residentBytes(berth.pid);
    let most = 0;
    const sockets: Socket[] = [];
    for (let count = 0; count < 80; count++) {
      sockets.push(unread(head.repeat(16)));
      expect((await client.request(repository, `referrers/${large.digest}`)).body.length).toBeGreaterThan(2_900_000);
      most = Math.max(most, await residentBytes(berth.pid));
    }
    for (const socket of sockets) socket.destroy();
    expect(most - before).toBeLessThan(150 * MiB); // they would hold 240
    await until('the log says so', async () =>
      /"reason":"the answers [^"]*","msg":"connections ended"/.test(berth.output()),
    );
  });
});
