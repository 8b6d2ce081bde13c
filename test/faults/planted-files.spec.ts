import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { buildImage } from '../support/images.js';
import { until } from '../support/ports.js';
import { refusedStart } from '../support/refusal.js';
import { RegistryClient } from '../support/registry-client.js';
import { blobFile } from '../support/stored-files.js';
import { blobOf } from './matrix/pushing.js';

/** Directories of this file's tests, removed at the end. */
const made: string[] = [];
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'berth-planted-'));
  made.push(path);
  return path;
}
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));

describe('a link that somebody planted in a data directory that is served', () => {
  let server: Berth;
  let client: RegistryClient;
  let outside: string;
  beforeAll(async () => {
    server = await startBerth({ env: { BERTH_SCRUB_INTERVAL: '1s' } });
    client = await RegistryClient.open(server.url, server.admin);
    outside = await directory();
  });
  afterAll(() => server.stop());

  /** A file of somebody else, of the size that the index expects. */
  const foreign = async (name: string, size: number) => {
    const path = join(outside, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.alloc(size, 's'), { mode: 0o600 });
    return path;
  };
  const expectHidden = async (digest: string) => {
    const answer = await client.getBlob('team/app', digest);
    expect([answer.status, answer.body.includes('sss')]).toEqual([500, false]);
    expect(await client.hasBlob('team/app', digest)).toBe(false);
  };

  it.each([2_000, 300_000])(
    'in place of a blob of %d bytes is not followed by anything',
    async (size) => {
      const blob = blobOf(`planted ${size}`, size);
      await client.pushBlob('team/app', blob);
      const path = await foreign(`file ${size}`, size);
      const file = blobFile(server.dataDir, blob.digest);
      await rm(file);
      await symlink(path, file);
      await expectHidden(blob.digest);
      const scrubbed = blobOf(`scrubbed ${size}`, size);
      await client.pushBlob('team/app', scrubbed);
      await writeFile(blobFile(server.dataDir, scrubbed.digest), Buffer.alloc(size, 'x'));
      const all = async () => ((await stat(blobFile(server.dataDir, scrubbed.digest))).mode & 0o777) === 0;
      await until('the scrubber has been everywhere', all, 60_000);
      expect((await stat(path)).mode & 0o777).toBe(0o600);

      await client.pushBlob('team/app', blob);
      expect((await client.getBlob('team/app', blob.digest)).body.equals(blob.bytes)).toBe(true);
      expect((await lstat(file)).isFile()).toBe(true);
      expect(await readFile(path, 'utf8')).toBe('s'.repeat(size));
    },
    120_000,
  );

  it('in place of the folder of a blob is not followed, read or written', async () => {
    const blob = blobOf('folder', 300_000);
    await client.pushBlob('team/app', blob);
    const path = await foreign('folder/data', 300_000);
    const folder = dirname(blobFile(server.dataDir, blob.digest));
    await rm(folder, { recursive: true });
    await symlink(dirname(path), folder);
    await expectHidden(blob.digest);
    const pushed = await client.pushBlob('team/app', blob).catch((error: Error) => error.message);
    expect(pushed).toContain('503');
    expect(await readFile(path, 'utf8')).toBe('s'.repeat(300_000));
    await rm(folder);
    await client.pushBlob('team/app', blob);
    expect((await client.getBlob('team/app', blob.digest)).status).toBe(200);
  });

  it('in place of a folder above, in which blobs were made before, has nothing made where it leads', async () => {
    const above = (digest: string) => dirname(dirname(blobFile(server.dataDir, digest)));
    const first = blobOf('above', 2_000);
    await client.pushBlob('team/app', first);
    let [n, second] = [0, blobOf('above 0', 2_000)];
    while (above(second.digest) !== above(first.digest)) second = blobOf(`above ${++n}`, 2_000);
    const folder = above(first.digest);
    await rename(folder, join(outside, 'away'));
    await mkdir(join(outside, 'above'));
    await symlink(join(outside, 'above'), folder);
    await expect(client.pushBlob('team/app', second)).rejects.toThrow('503');
    expect(await readdir(join(outside, 'above'))).toEqual([]);
    await rm(folder);
    await rename(join(outside, 'away'), folder);
    await client.pushBlob('team/app', second);
    for (const { digest } of [first, second]) expect((await client.getBlob('team/app', digest)).status).toBe(200);
  });

  it('in place of a file that /readyz writes is not followed', async () => {
    const path = await foreign('ready', 10);
    await symlink(path, join(server.dataDir, '.ready'));
    await until('it is ready', async () => (await server.api('GET', '/readyz', undefined, null)).status === 200);
    expect(await readFile(path, 'utf8')).toBe('s'.repeat(10));
  });
});

describe('a data directory that is not as it should be', () => {
  const password = 'planted-Pa55-words';
  const env = { BERTH_ADMIN_PASSWORD: password };
  let used: string;
  let dataDir: string;
  beforeAll(async () => {
    used = await directory();
    const server = await startBerth({ dataDir: used, env });
    await (await opened(server)).push('app', '1', buildImage({ seed: 'planted', layers: [100_000] }));
    expect(await server.stop()).toBe(0);
  });
  beforeEach(async () => {
    dataDir = join(await directory(), 'data');
    execFileSync('cp', ['-a', used, dataDir]);
  });
  const opened = (server: Berth) => RegistryClient.open(server.url, { username: 'admin', password });

  const refusal = async () => {
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect([code, said.split('\n').length]).toEqual([1, 1]);
    return said;
  };

  it.each(['berth.db', 'berth.lock', 'secret.key', 'keys', 'uploads', 'docker/registry/v2/blobs'])(
    'with a link in the place of %s is refused, and nothing is written through it',
    async (name) => {
      const elsewhere = join(await directory(), 'elsewhere');
      await rename(join(dataDir, name), elsewhere);
      const before = await lstat(elsewhere);
      await symlink(elsewhere, join(dataDir, name));
      expect(await refusal()).toMatch(/ is a link[;,] |it is a link, which is not followed/);
      expect(await lstat(elsewhere)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
    },
  );

  it.each(['', 'keys', 'docker/registry', 'berth.db', 'berth.lock'])(
    'that others can write is refused: %p',
    async (name) => {
      const path = join(dataDir, name);
      await chmod(path, 0o777);
      expect(await refusal()).toMatch(
        /can be changed by every user of this machine; run "chmod o-w" on it(, or let BERTH_DATA_DIR .*)?\.$/,
      );
    },
  );

  it.each(['secret.key', 'keys/ca-key.pem', 'keys/token-keys.json'])(
    'whose %s others can read is refused',
    async (name) => {
      for (const mode of [0o604, 0o644, 0o666]) {
        await chmod(join(dataDir, name), mode);
        expect(await refusal()).toMatch(/can be read by other users; run "chmod 600" on it\.$/);
      }
      await chmod(join(dataDir, name), 0o600);
      await rm(join(dataDir, name));
      execFileSync('mkfifo', ['-m', '600', join(dataDir, name)]);
      expect(await refusal()).toContain('is not a file');
    },
  );

  it('that its group may write, as Kubernetes makes it with fsGroup, starts with a warning', async () => {
    execFileSync('chmod', ['-R', 'g+rwX', dataDir]);
    const server = await startBerth({ dataDir });
    expect(server.output()).toMatch(/"level":"warn".*can change .*berth\.db.*"msg":"data directory"/);
    await server.stop();
  });

  it('leaves what a planted secret.key.new, token-keys.json.new or keys.new leads to as it is', async () => {
    const victim = join(await directory(), 'victim');
    await writeFile(victim, 'precious');
    await rm(join(dataDir, 'secret.key'));
    await symlink(victim, join(dataDir, 'secret.key.new'));
    await symlink(victim, join(dataDir, 'keys', 'token-keys.json.new'));
    const server = await startBerth({ dataDir, env });
    const token = await server.signIn('admin', password);
    const rotated = await server.api('POST', '/api/v1/system/keys:rotate', undefined, token);
    expect([rotated.status, await readFile(victim, 'utf8')]).toEqual([200, 'precious']);
    await server.stop();
    await rm(join(dataDir, 'keys'), { recursive: true });
    await symlink(dirname(victim), join(dataDir, 'keys.new'));
    await (await startBerth({ dataDir })).stop();
    expect(await readdir(dirname(victim))).toEqual(['victim']);
  });

  it('has no command talk to the socket that a planted link leads to', async () => {
    const elsewhere = join(await directory(), 'other.sock');
    let heard = 0;
    const other = createServer((_, response) => {
      heard++;
      response.end('{"items":[]}');
    }).listen(elsewhere);
    await once(other, 'listening');
    await symlink(elsewhere, join(dataDir, 'berth.sock'));
    expect(await berth(['user', 'list', '--quiet', '--data-dir', dataDir])).toMatchObject({
      code: 0,
      stdout: 'admin\n',
    });
    expect(heard).toBe(0);
    other.close();
  });

  it('works where it, and its folder docker, are links', async () => {
    const place = await directory();
    await rename(join(dataDir, 'docker'), join(place, 'layers'));
    await symlink(join(place, 'layers'), join(dataDir, 'docker'));
    const link = join(place, 'link');
    await symlink(dataDir, link);
    const server = await startBerth({ dataDir: link });
    const client = await opened(server);
    const image = buildImage({ seed: 'linked', layers: [200_000, 10] });
    await client.push('linked', '1', image);
    expect(await client.pull('linked', '1')).toBe(image.manifest.digest);
    expect((await client.pull('app', '1')).length).toBeGreaterThan(0);
    expect((await berth(['layout', 'sync', '--data-dir', link])).code).toBe(0);
    const tag = join(place, 'layers/registry/v2/repositories/linked/_manifests/tags/1/current/link');
    expect(await readFile(tag, 'utf8')).toBe(image.manifest.digest);
    expect((await berth(['fsck', '--data-dir', link])).code).toBe(0);
    expect(await server.stop()).toBe(0);
  }, 60_000);

  it('that is moved away under a running server takes no writes any more', async () => {
    const server = await startBerth({ dataDir });
    const client = await opened(server);
    await client.pull('app', '1');
    await rename(dataDir, `${dataDir}-moved`);
    await mkdir(dataDir, { mode: 0o700 });
    const pushed = await client.pushBlob('app', blobOf('too late', 100_000)).catch((error: Error) => error.message);
    expect(pushed).toContain('503');
    const ready = await server.api('GET', '/readyz', undefined, null);
    expect([ready.status, ready.body.checks.database]).toEqual([503, 'failed']);
    await server.stop();
    expect((await readdir(dataDir)).filter((name) => name !== 'uploads')).toEqual([]);
  });
});

describe('a file of secrets that an operator names', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await directory();
  });
  const start = async (env: Record<string, string>) => {
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: join(dataDir, 'data'), ...env });
    expect(code).toBe(1);
    return said;
  };

  it.each([
    ['a pipe', 'it is not a file', (path: string) => void execFileSync('mkfifo', [path])],
    ['a device', 'it is not a file', (path: string) => symlink('/dev/zero', path)],
    ['a folder', 'it is not a file', (path: string) => mkdir(path)],
    [
      'a huge file',
      'it has 2000000 bytes',
      (path: string) => writeFile(path, Buffer.alloc(2_000_000, 'x'), { mode: 0o600 }),
    ],
    [
      'readable by others',
      'it can be read by other users',
      (path: string) => writeFile(path, 'a-Secret-of-ours', { mode: 0o644 }),
    ],
  ])('is refused at once when it is %s', async (_, reason, make) => {
    const path = join(dataDir, 'secret');
    await make(path);
    for (const name of ['BERTH_ADMIN_PASSWORD_FILE', 'BERTH_SECRET_KEY_FILE']) {
      const said = await start({ [name]: path });
      expect([said.includes(reason), said.includes('a-Secret')]).toEqual([true, false]);
    }
    const said = await start({ BERTH_TLS_CERT: path, BERTH_TLS_KEY: path });
    expect(said).toContain(reason === 'it can be read by other users' ? 'BERTH_TLS_KEY' : 'BERTH_TLS_CERT');
    if (reason === 'it is not a file') expect(await start({ BERTH_CONFIG: path })).toContain(reason);
  });
});
