import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { digestOf } from '../../../src/oci/digest.js';
import { RemoteRegistry } from '../../../src/registry/remote/remote-registry.js';
import { writeIssuedCertificate } from '../../support/certificate.js';
import { type FaultyRegistry, sendWhole, startFaultyRegistry } from '../../support/faulty-registry.js';
import { outcomeOf } from '../../support/outcome.js';
import { until } from '../../support/ports.js';
import {
  app,
  blob,
  client,
  credentials,
  digest,
  elsewhere,
  firstOf,
  hang,
  hasty,
  limits,
  manifest,
  manifestType,
  read,
  sendPart,
  stub,
  v1,
  willEnd,
  write,
} from './stage.js';

describe('a registry that is slow', () => {
  test('never answers', async () => {
    stub.behave(hang);
    const registry = client({}, hasty);
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_TIMEOUT');
    expect(await outcomeOf(registry.listReferrers(app, digest))).toBe('REMOTE_TIMEOUT');
    expect(await read(registry)).toBe('REMOTE_TIMEOUT');
    expect(await outcomeOf(write(registry))).toBe('REMOTE_TIMEOUT');
  });

  test('stops half-way, and is asked for the rest', async () => {
    stub.behave(({ headers }, response, nth) => {
      if (nth > 0) return sendPart(response, firstOf(headers.range));
      response.writeHead(200, { 'Content-Length': blob.length }).write(blob.subarray(0, 1_000_000));
    });
    expect(await read(client({}, hasty))).toBe('done');
    expect(stub.seen).toHaveLength(2);
  });

  test('sends a byte now and then', async () => {
    const timers: NodeJS.Timeout[] = [];
    stub.behave((_request, response) => {
      response.writeHead(200, { 'Content-Length': blob.length });
      timers.push(setInterval(() => response.write('x'), 20));
    });
    expect(await read(client({}, hasty))).toBe('REMOTE_TIMEOUT');
    for (const timer of timers) clearInterval(timer);
  });

  test('takes no bytes', async () => {
    stub.behave((request, response) => {
      if (request.method === 'POST') response.writeHead(202, { Location: '/v2/team/app/blobs/uploads/1' }).end();
      else request.pause();
    });
    const large = { digest, size: 512 * 1024 * 1024 };
    async function* endless() {
      for (;;) yield blob;
    }
    const writing = client({}, hasty).writeBlob(app, large, async () =>
      Readable.from(endless(), { objectMode: false }),
    );
    expect(await outcomeOf(writing)).toBe('REMOTE_TIMEOUT');
  });

  test('has a time for the whole, however it moves', async () => {
    stub.behave((_request, response) => response.writeHead(503).end());
    const registry = new RemoteRegistry(
      { url: stub.url, allowedAddresses: [stub.host] },
      { ...limits, attempts: 1_000_000, callMs: 300 },
      { random: () => 0, pause: () => new Promise((resolve) => setImmediate(resolve)) },
    );
    willEnd(registry);
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_TIMEOUT');
  });

  test('is left when nobody waits any more, down to the connection', async () => {
    const silent = await startFaultyRegistry();
    silent.behave(hang);
    const leaving = new AbortController();
    const reason = new Error('enough');
    const registry = client({ url: silent.url, allowedAddresses: [silent.host] });
    const asking = registry.getManifest(v1, { signal: leaving.signal });
    await until('the request', async () => silent.seen.length === 1);
    expect(await silent.connections()).toBe(1);
    leaving.abort(reason);
    await expect(asking).rejects.toBe(reason);
    await until('the end of the connection', async () => (await silent.connections()) === 0);
    await silent.stop();
  });
});

describe('TLS', () => {
  let directory: string;
  let secure: FaultyRegistry;
  let ca: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'remote-tls-'));
    const files = await writeIssuedCertificate(directory, '127.0.0.1');
    const [key, cert] = [await readFile(files.BERTH_TLS_KEY, 'utf8'), await readFile(files.BERTH_TLS_CERT, 'utf8')];
    secure = await startFaultyRegistry({ key, cert });
    ca = await readFile(join(directory, 'ca.crt'), 'utf8');
  });
  afterAll(async () => {
    await secure.stop();
    await rm(directory, { recursive: true });
  });
  const at = () => ({ url: secure.url, allowedAddresses: [secure.host, stub.host, elsewhere.host] });

  test('needs a certificate that is trusted', async () => {
    secure.behave((_request, response) => sendWhole(response, manifest, manifestType));
    expect(await outcomeOf(client(at()).getManifest(v1))).toBe('REMOTE_UNTRUSTED');
    expect(await outcomeOf(client(at()).listReferrers(app, digest))).toBe('REMOTE_UNTRUSTED');
    expect(secure.seen).toEqual([]);
    expect((await client({ ...at(), ca: [ca] }).getManifest(v1)).digest).toBe(digestOf(manifest));
  });

  test('is not spoken by whoever does not', async () => {
    const registry = client({ url: stub.url.replace('http:', 'https:') });
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_UNREACHABLE');
  });

  test('is not left again', async () => {
    const registry = client({ ...at(), ca: [ca], credentials });
    secure.behave((_request, response) => response.writeHead(307, { Location: `${elsewhere.url}/x` }).end());
    expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_INVALID');
    const challenge = { 'WWW-Authenticate': `Bearer realm="${elsewhere.url}/token"` };
    secure.behave((_request, response) => response.writeHead(401, challenge).end());
    expect(await outcomeOf(client({ ...at(), ca: [ca], credentials, realms: [elsewhere.url] }).getManifest(v1))).toBe(
      'REMOTE_ADDRESS_REFUSED',
    );
    expect(elsewhere.seen).toEqual([]);
  });
});
