import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { berth as command } from '../support/berth-command.js';
import { writeCertificate, writeIssuedCertificate } from '../support/certificate.js';

/** Each test runs the command several times, and starts servers. */
const enough = 120_000;

let directory: string;
const servers: Berth[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-cli-tls-'));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(directory, { recursive: true, force: true });
});

async function started(env: Record<string, string> = {}): Promise<Berth> {
  const server = await startBerth({ env });
  servers.push(server);
  return server;
}

/** What `berth` says of the server at this address: its exit, and that it is one sentence. */
async function saidOf(url: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await command(['repo', 'list', '--url', url, '--token', 'x'], { env });
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/openssl|\bat \w+|node:|routines/);
  return { code, stderr };
}

test(
  'a certificate that nobody here vouches for is told as that, and is nothing to try again',
  async () => {
    await writeIssuedCertificate(directory, '127.0.0.1');
    const itself = { BERTH_TLS_CERT: join(directory, 'ca.crt'), BERTH_TLS_KEY: join(directory, 'ca.key') };
    const { code, stderr } = await saidOf((await started(itself)).url);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is not trusted: its certificate .*NODE_EXTRA_CA_CERTS/)]);
    const odd = await saidOf((await started({ ...(await writeCertificate(directory)) })).url);
    expect([odd.code, odd.stderr]).toEqual([1, expect.stringMatching(/is not trusted: its certificate .*purpose/)]);
  },
  enough,
);

test(
  'so is one of an authority that is not known here, and one for another name',
  async () => {
    const issued = await writeIssuedCertificate(directory, '127.0.0.2');
    const server = await started({ ...issued });
    const unknown = await saidOf(server.url);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('an authority that this machine does not know'),
    ]);
    const trusting = { NODE_EXTRA_CA_CERTS: join(directory, 'ca.crt') };
    const mistaken = await saidOf(server.url, trusting);
    expect([mistaken.code, mistaken.stderr]).toEqual([
      1,
      expect.stringContaining('its certificate is for another name'),
    ]);
  },
  enough,
);

test(
  'https:// to a server of http://, and the other way round',
  async () => {
    const plain = await started();
    const mistaken = await saidOf(plain.url.replace('http:', 'https:'));
    expect([mistaken.code, mistaken.stderr]).toEqual([1, expect.stringMatching(/does not speak HTTPS: .*http:\/\//)]);
    const secure = servers.find(({ url }) => url.startsWith('https:'));
    const other = await saidOf((secure?.url ?? '').replace('https:', 'http:'));
    expect([other.code, other.stderr]).toEqual([75, expect.stringContaining('https://')]);
  },
  enough,
);

test(
  'a server that speaks something else, and none',
  async () => {
    const odd = createServer((socket) => socket.resume().end('220 mail.example ESMTP\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => odd.once('listening', resolve));
    const address = odd.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const spoken = await saidOf(`http://127.0.0.1:${port}`);
    expect([spoken.code, spoken.stderr]).toEqual([1, expect.stringContaining('does not speak HTTP')]);
    await new Promise((resolve) => odd.close(resolve));
    const gone = await saidOf(`http://127.0.0.1:${port}`);
    expect([gone.code, gone.stderr]).toEqual([75, expect.stringContaining('cannot be reached')]);
  },
  enough,
);
