import { mkdir, mkdtemp, readdir, readFile, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { Background, mustRun } from '../support/child.js';
import { fsckOf } from '../support/fsck.js';
import type { Answer } from '../support/http.js';
import { type Content, content, KiB, MiB, manifestOf, randomBytesOf } from '../support/images.js';
import { Mounts } from '../support/mounts.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireRoot } from '../support/tools.js';

const repository = 'disk/app';
const blobOf = (seed: string, size: number): Content => content('', randomBytesOf(seed, size));
const codeOf = (answer: Answer): string => JSON.parse(answer.body.toString()).errors[0].code;

/** POST and PUT with everything; the answer of the PUT. */
async function put(client: RegistryClient, blob: Content): Promise<Answer> {
  const { location } = await client.startUpload(repository);
  return await client.finishUpload(repository, location, blob.digest, blob.bytes);
}

requireRoot('mount', 'umount')('F7 a disk that fills up', () => {
  let base: string;
  let berth: Berth;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'berth-full-'));
    await mustRun('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', base]);
    const dataDir = join(base, 'data');
    await mkdir(dataDir);
    berth = await startBerth({ dataDir });
  });
  afterAll(async () => {
    await berth.stop();
    await mustRun('umount', [base]);
    await rm(base, { recursive: true });
  });

  it('refuses what does not fit, forgets it, and goes on with what does', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    const kept = blobOf('kept', 2 * MiB);
    expect((await put(client, kept)).status).toBe(201);
    for (const seed of ['first', 'second', 'third']) {
      const large = blobOf(seed, 30 * MiB);
      const { location } = await client.startUpload(repository);
      const refused = await client.append(repository, location, large.bytes);
      expect([refused.status, codeOf(refused)]).toEqual([507, 'UNAVAILABLE']);
      expect((await client.uploadStatus(repository, location)).headers.range).toBe('0-0');
      expect(await client.hasBlob(repository, large.digest)).toBe(false);
      expect((await client.getBlob(repository, kept.digest)).body.equals(kept.bytes)).toBe(true);
    }
    const small = blobOf('small', 2 * MiB);
    expect((await put(client, small)).status).toBe(201);
    expect((await client.getBlob(repository, small.digest)).body.equals(small.bytes)).toBe(true);
  });
});

requireRoot('mount', 'umount')('F7 a disk that fills up under the log of the database', () => {
  /** SQLite keeps the places of this many pages of the log in 32 KiB beside it; the next page needs 32 KiB more. */
  const indexed = 4062;
  /** A page of the log with what SQLite writes before it. */
  const frame = 4096 + 24;
  let mounts: Mounts;
  let disk: string;
  let berth: Berth;
  beforeAll(async () => {
    mounts = await Mounts.create();
    disk = await mounts.tmpfs('disk', 'size=96m');
    const dataDir = join(disk, 'data');
    await mkdir(dataDir);
    // The last page is what this is about.
    berth = await startBerth({ dataDir, env: { BERTH_DISK_RESERVE: 'off' } });
  });
  afterAll(async () => {
    await berth.stop();
    await mounts.remove();
  });
  const sizeOf = async (file: string) => (await stat(join(berth.dataDir, file))).size;

  it('takes tags again as soon as there is room, wherever in the log it ended', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    const filling = (note: string) =>
      manifestOf({ manifests: [], annotations: { note } }, 'application/vnd.oci.image.index.v1+json');
    const manifest = filling('small');
    const tagged = async (tag: string) => (await client.putManifest(repository, tag, manifest)).status;
    const kept: string[] = [];
    // Large manifests first, because tags alone take a while to fill the log.
    for (let number = 0; (await sizeOf('berth.db-wal')) / frame < indexed - 1200; number++)
      expect((await client.putManifest(repository, `large-${number}`, filling(`${number}`.repeat(MiB)))).status).toBe(
        201,
      );
    while ((await sizeOf('berth.db-wal')) / frame < indexed - 40) {
      kept.push(`room-${kept.length}`);
      expect(await tagged(kept.at(-1) ?? '')).toBe(201);
    }

    const filler = join(disk, 'filler');
    const { bavail, bsize } = await statfs(disk);
    // Less than that when the server wrote something in between.
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error;
    });
    const { size } = await stat(filler);
    // Page by page there is room for the log, then for what SQLite keeps beside it.
    const refused = new Set<number>();
    for (let given = 0; given < 100 && (await sizeOf('berth.db-shm')) < 64 * KiB; given++) {
      await truncate(filler, size - given * bsize);
      const status = await tagged(`full-${given}`);
      if (status === 201) kept.push(`full-${given}`);
      else refused.add(status);
      expect((await client.getManifest(repository, 'room-0')).status).toBe(200);
    }
    expect([...refused]).toEqual([507]);
    expect(berth.output()).toContain('SQLITE_FULL');
    expect(berth.output()).toContain('SQLITE_IOERR_SHMSIZE');

    await rm(filler);
    expect(await tagged('after')).toBe(201);
    await berth.kill();
    await berth.restart();
    for (const tag of [...kept, 'after'])
      expect((await client.getManifest(repository, tag)).body.equals(manifest.bytes)).toBe(true);
    expect((await fsckOf(berth.dataDir)).findings).toEqual([]);
  }, 120_000);
});

requireRoot('strace')('a disk that fails', () => {
  let berth: Berth;
  let client: RegistryClient;
  beforeAll(async () => {
    berth = await startBerth();
    client = await RegistryClient.open(berth.url, berth.admin);
    expect((await put(client, blobOf('before', 1000))).status).toBe(201);
  });
  afterAll(() => berth.stop());

  /** Runs `work` while strace looks on, or interferes. */
  async function traced(parameters: readonly string[], work: () => Promise<void>): Promise<void> {
    const strace = new Background('strace', ['-f', '-p', String(berth.pid), ...parameters]);
    await strace.waitFor(/attached/);
    try {
      await work();
    } finally {
      strace.signal('SIGINT');
      await strace.ended;
    }
  }

  it('F6 never acknowledges a blob whose name could not be made durable', async () => {
    const blob = blobOf('no directory', 5000);
    await traced(['-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO'], async () => {
      const refused = await put(client, blob);
      expect([refused.status, codeOf(refused)]).toEqual([503, 'UNAVAILABLE']);
      expect(await client.hasBlob(repository, blob.digest)).toBe(false);
    });
    expect((await put(client, blob)).status).toBe(201);
    expect((await client.getBlob(repository, blob.digest)).body.equals(blob.bytes)).toBe(true);
  });

  it('F6 forgets an upload whose bytes could not be made durable', async () => {
    const blob = blobOf('no bytes', 200_000); // fewer stay in memory until the blob is committed
    const { location } = await client.startUpload(repository);
    await traced(['-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO'], async () => {
      const refused = await client.append(repository, location, blob.bytes);
      expect([refused.status, codeOf(refused)]).toEqual([503, 'UNAVAILABLE']);
    });
    expect((await client.uploadStatus(repository, location)).status).toBe(404);
    expect(await readdir(join(berth.dataDir, 'uploads'))).toEqual([]);
    expect((await put(client, blob)).status).toBe(201);
  });

  it('F6 goes on after a write into the log of the database that failed', async () => {
    const manifest = manifestOf({ manifests: [] }, 'application/vnd.oci.image.index.v1+json');
    // Whose quota is used up gets EDQUOT where a full disk says ENOSPC.
    await traced(['-e', 'trace=pwrite64', '-e', 'inject=pwrite64:error=EDQUOT'], async () => {
      const refused = await client.putManifest(repository, 'v1', manifest);
      expect([refused.status, codeOf(refused)]).toEqual([503, 'UNAVAILABLE']);
      expect((await client.getManifest(repository, 'v1')).status).toBe(404);
    });
    expect((await client.putManifest(repository, 'v1', manifest)).status).toBe(201);
    expect((await client.getManifest(repository, 'v1')).body.equals(manifest.bytes)).toBe(true);
  });

  it('F5 makes bytes, name and row durable, in this order, before it answers', async () => {
    const blob = blobOf('order', 5000);
    const log = join(berth.dataDir, 'trace.txt');
    const calls = 'trace=fdatasync,fsync,rename,renameat2,write,writev';
    await traced(['-y', '-s', '64', '-o', log, '-e', calls], async () => {
      expect((await put(client, blob)).status).toBe(201);
    });
    const lines = (await readFile(log, 'utf8')).split('\n');
    const hex = blob.digest.slice(7);
    const order = [
      /fdatasync\(\d+<[^>]*\/uploads\/[0-9a-f-]{36}(\.sealed)?>/,
      new RegExp(`rename\\(.*\\.sealed", ".*/${hex.slice(0, 2)}/${hex}/data"`),
      new RegExp(`fsync\\(\\d+<[^>]*/${hex}>`),
      /fdatasync\(\d+<[^>]*-wal>/,
      /writev?\(.*201 Created/,
    ].map((pattern) => lines.findIndex((line) => pattern.test(line)));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
  });
});
