import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Berth, launchBerth, startBerth } from '../support/berth.js';
import { writeCertificate } from '../support/certificate.js';
import { send } from '../support/http.js';
import { buildImage, content, MiB, randomBytesOf } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-tls-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('HTTPS by Berth itself', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth({ env: { ...(await writeCertificate(directory, 'first.test')) } });
  });
  afterAll(() => berth.stop());

  /** Whom the server shows a certificate of. */
  const subject = () =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(berth.url);
      const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.once('error', reject);
    });

  test('is what it says it listens on, and nothing else', async () => {
    expect(new URL(berth.url).protocol).toBe('https:');
    expect((await send(berth.url, '/healthz')).status).toBe(200);
    await expect(send(berth.url.replace('https:', 'http:'), '/healthz')).rejects.toThrow();
    expect((await send(berth.url, '/healthz')).status).toBe(200);
  });

  test('names itself so in the challenge, whatever the client forwards', async () => {
    const { headers } = await send(berth.url, '/v2/');
    expect(headers['www-authenticate']).toBe(`Bearer realm="${berth.url}/token",service="berth"`);
  });

  test('carries images, whatever their size', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    const image = buildImage({ seed: 'tls', layers: [1000, 5 * MiB] });
    await client.push('team/app', 'v1', image);
    expect(await client.pull('team/app', 'v1')).toBe(image.manifest.digest);
    const large = content('application/octet-stream', randomBytesOf('tls large', 30 * MiB));
    await client.pushBlob('team/app', large);
    expect((await client.getBlob('team/app', large.digest)).body.equals(large.bytes)).toBe(true);
  });

  test('has pages with HSTS, and a session cookie that belongs to this host', async () => {
    const page = await send(berth.url, '/sign-in');
    expect(page.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(page.headers['cross-origin-opener-policy']).toBe('same-origin');
    const signedIn = await berth.api('POST', '/api/v1/auth/login', berth.admin, null);
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(
      /^__Host-berth=.*; Path=\/;(.*;)? HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  test('takes up a renewed certificate at SIGHUP, and keeps the one it has when the new one does not fit', async () => {
    expect(await subject()).toBe('first.test');
    const { BERTH_TLS_KEY } = await writeCertificate(directory, 'second.test');
    process.kill(berth.pid, 'SIGHUP');
    await until('the new certificate', async () => (await subject()) === 'second.test');
    await writeFile(BERTH_TLS_KEY, 'half a ke');
    process.kill(berth.pid, 'SIGHUP');
    await until('the complaint', async () => berth.output().includes('the certificate before it stays'));
    expect(await subject()).toBe('second.test');
  });
});

describe('a certificate that cannot be served', () => {
  const key = (options: object) =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(options as never);
  const broken: [string, (files: Record<string, string>) => Promise<Record<string, string>>, RegExp][] = [
    ['no key', async ({ BERTH_TLS_CERT = '' }) => ({ BERTH_TLS_CERT }), /BERTH_TLS_CERT needs BERTH_TLS_KEY/],
    ['no certificate', async ({ BERTH_TLS_KEY = '' }) => ({ BERTH_TLS_KEY }), /BERTH_TLS_KEY needs BERTH_TLS_CERT/],
    [
      'a file that is not there',
      async (files) => ({ ...files, BERTH_TLS_CERT: '/nowhere/berth.crt' }),
      /^BERTH_TLS_CERT: \/nowhere\/berth\.crt cannot be read \(ENOENT\)\.$/,
    ],
    [
      'a directory',
      async (files) => ({ ...files, BERTH_TLS_KEY: directory }),
      /^BERTH_TLS_KEY: \S+ cannot be used: it is not a file\.$/,
    ],
    [
      'the files the wrong way round',
      async ({ BERTH_TLS_CERT = '', BERTH_TLS_KEY = '' }) => ({
        BERTH_TLS_CERT: BERTH_TLS_KEY,
        BERTH_TLS_KEY: BERTH_TLS_CERT,
      }),
      /^BERTH_TLS_CERT: \S+ holds no certificate in PEM\.$/,
    ],
    [
      'the key of another certificate',
      async (files) => {
        await writeFile(String(files.BERTH_TLS_KEY), key({ type: 'pkcs8', format: 'pem' }));
        return files;
      },
      /^BERTH_TLS_KEY: \S+ is not the key of the first certificate in \S+\.$/,
    ],
    [
      'a key with a passphrase',
      async (files) => {
        const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' };
        await writeFile(String(files.BERTH_TLS_KEY), key(locked));
        return files;
      },
      /^BERTH_TLS_KEY: \S+ is locked with a passphrase, which nobody can type here\.$/,
    ],
  ];

  test.each(broken)('%s stops the start with one sentence', async (_, breakIt, sentence) => {
    const env = await breakIt({ ...(await writeCertificate(directory)) });
    const dataDir = await mkdtemp(join(directory, 'data-'));
    const child = launchBerth(
      { BERTH_PORT: '0', BERTH_LOG_FORMAT: 'json', BERTH_DATA_DIR: dataDir, ...env },
      directory,
    );
    expect(await child.ended).toBe(1);
    expect(child.errors.trim().split('\n')).toEqual([expect.stringMatching(sentence)]);
  });
});
