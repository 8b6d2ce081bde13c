import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../config/project-root.js';
import { digestHex, digestOf } from '../oci/digest.js';
import { describeBlobStore } from './blob-store.contract.js';
import { DigestThreads } from './digest-threads.js';
import { DiskBlobStore } from './disk-blob-store.js';
import { DiskUploadSpool } from './disk-upload-spool.js';
import { FileThreads } from './file-threads.js';
import { MemoryBlobStore } from './memory-blob-store.js';
import { MemoryUploadSpool } from './memory-upload-spool.js';
import { describeUploadSpool } from './upload-spool.contract.js';

/** Threads run what `npm test` has compiled. */
const compiled = (worker: string) => pathToFileURL(join(projectRoot(), 'dist/src/storage', worker));
const threads = new DigestThreads(compiled('digest-worker.js'), 2);
const files = new FileThreads(compiled('file-worker.js'));
afterAll(() => Promise.all([threads.close(), files.close()]));

async function onDisk() {
  const root = await mkdtemp(join(tmpdir(), 'berth-storage-'));
  const open = () => new DiskUploadSpool(join(root, 'uploads'), threads, files);
  return {
    root,
    store: new DiskBlobStore(root, files),
    spool: open(),
    reopen: open,
    async close() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      await rm(root, { recursive: true });
      return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    },
  };
}

async function inMemory() {
  return { store: new MemoryBlobStore(), spool: new MemoryUploadSpool(), close: async () => [] };
}

describeUploadSpool('DiskUploadSpool', onDisk);
describeUploadSpool('MemoryUploadSpool', inMemory);
describeBlobStore('DiskBlobStore', onDisk);
describeBlobStore('MemoryBlobStore', inMemory);

describe('on disk', () => {
  let disk: Awaited<ReturnType<typeof onDisk>>;
  beforeEach(async () => {
    disk = await onDisk();
  });
  afterEach(() => rm(disk.root, { recursive: true }));

  const content = Buffer.from('content');
  const digest = digestOf(content);
  const path = () =>
    join(disk.root, 'docker/registry/v2/blobs/sha256', digestHex(digest).slice(0, 2), digestHex(digest), 'data');
  const put = async () => {
    const id = await disk.spool.create();
    await disk.spool.append(id, Readable.from([content]));
    await disk.store.adopt(digest, await disk.spool.seal(id, digest));
  };

  test("blobs lie in Distribution's layout and only the owner may read them", async () => {
    await put();
    expect(await readFile(path())).toEqual(content);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await readdir(join(disk.root, 'uploads'))).toEqual([]);
  });

  /** Bytes no two pages of which are alike. */
  const numbered = (bytes: number) =>
    Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, n) => n * 2654435761).buffer);
  const MiB = 1 << 20;
  test.each([
    ['one piece of whole blocks', [4 * MiB]],
    ['one piece that ends within a block', [3 * MiB + 4]],
    ['pieces that begin anywhere', [100 * 1024, 4, 2 * MiB, 1 * MiB - 4, 12, 3 * MiB]],
    ['a piece of whole pages behind others', [8192, 2 * MiB + 4096, 512 * 1024]],
  ])('the file has every byte in its place: %s', async (_, pieces) => {
    const whole = numbered(pieces.reduce((sum, piece) => sum + piece));
    const id = await disk.spool.create();
    let start = 0;
    for (const piece of pieces) {
      const chunks = Array.from({ length: Math.ceil(piece / 60_000) }, (_, n) =>
        whole.subarray(start + n * 60_000, Math.min(start + (n + 1) * 60_000, start + piece)),
      );
      start += piece;
      expect(await disk.spool.append(id, Readable.from(chunks))).toBe(start);
    }
    expect((await readFile(join(disk.root, 'uploads', id))).equals(whole)).toBe(true);
    await disk.spool.seal(id, digestOf(whole));
  });

  test('a damaged blob is repaired by pushing it again', async () => {
    await put();
    await truncate(path(), 3);
    expect(await disk.store.stat(digest)).toEqual({ size: 3 });
    await put();
    expect(await readFile(path())).toEqual(content);
  });

  test('who pulls after a repair gets what was repaired, not what was read before', async () => {
    const whole = numbered(2 * MiB);
    const large = digestOf(whole);
    const folder = join(disk.root, 'docker/registry/v2/blobs/sha256', digestHex(large).slice(0, 2), digestHex(large));
    const push = async () => {
      const id = await disk.spool.create();
      await disk.spool.append(id, Readable.from([whole]));
      await disk.store.adopt(large, await disk.spool.seal(id, large));
    };
    const pull = async () => {
      const blob = await disk.store.open(large);
      const received: Buffer[] = [];
      const to = new Writable({
        write(chunk: Buffer, _, done) {
          received.push(Buffer.from(chunk)); // its memory is used again
          done();
        },
      });
      await blob?.send(to);
      await blob?.close();
      return Buffer.concat(received);
    };
    await push();
    const damaged = Buffer.from(whole).fill('damage', 0, 100);
    await writeFile(join(folder, 'data'), damaged);
    expect((await pull()).equals(damaged)).toBe(true);
    await push();
    expect((await pull()).equals(whole)).toBe(true);
  });

  test('files that are no blobs are not listed', async () => {
    await put();
    await writeFile(join(path(), '..', '..', 'stray'), '');
    const listed: string[] = [];
    for await (const blob of disk.store.list()) {
      listed.push(blob.digest);
    }
    expect(listed).toEqual([digest]);
  });

  test('what a slow client sent is in the file while it still sends', async () => {
    const id = await disk.spool.create();
    const slow = new PassThrough();
    const appended = disk.spool.append(id, slow);
    const much = Buffer.alloc(70_000, 'abc');
    slow.write(much);
    const file = join(disk.root, 'uploads', id);
    while ((await stat(file).catch(() => undefined))?.size !== much.length) {
      await new Promise(setImmediate);
    }
    slow.end(content);
    expect(await appended).toBe(much.length + content.length);
    expect((await readFile(file)).equals(Buffer.concat([much, content]))).toBe(true);
  });

  test('what is discarded while it is sealed leaves no file', async () => {
    const id = await disk.spool.create();
    const much = Buffer.alloc(300_000);
    await disk.spool.append(id, Readable.from([much]));
    const sealing = disk.spool.seal(id, digestOf(much));
    await Promise.all([expect(sealing).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' }), disk.spool.discard(id)]);
    expect(await readdir(join(disk.root, 'uploads'))).toEqual([]);
  });

  test('an upload nobody continues costs no file', async () => {
    await disk.spool.create();
    await expect(readdir(join(disk.root, 'uploads'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('few bytes cost no file, go on as many, and end with the process when they stay few', async () => {
    const id = await disk.spool.create();
    await disk.spool.append(id, Readable.from([content]));
    expect(disk.spool.outlives(id)).toBe(false);
    expect(await disk.reopen().size(id)).toBeUndefined();
    await expect(readdir(join(disk.root, 'uploads'))).rejects.toMatchObject({ code: 'ENOENT' });
    const more = Buffer.alloc(70_000, 'abc');
    await disk.spool.append(id, Readable.from([more]));
    expect(disk.spool.outlives(id)).toBe(true);
    expect(await disk.reopen().size(id)).toBe(content.length + more.length);
    const whole = Buffer.concat([content, more]);
    expect((await readFile(join(disk.root, 'uploads', id))).equals(whole)).toBe(true);
    expect(await disk.spool.seal(id, digestOf(whole))).toMatchObject({ size: whole.length });
    await disk.spool.discard(id);
  });

  test('few bytes stay as they were when many more turn out to be too many', async () => {
    const id = await disk.spool.create();
    await disk.spool.append(id, Readable.from([content]));
    const much = Array.from({ length: 5 }, () => Buffer.alloc(50_000));
    await expect(disk.spool.append(id, Readable.from(much), { maxSize: 200_000 })).rejects.toMatchObject({
      code: 'BLOB_TOO_LARGE',
    });
    expect(await disk.spool.size(id)).toBe(content.length);
    expect(await readdir(join(disk.root, 'uploads'))).toEqual([]);
    expect(await disk.spool.seal(id, digest)).toMatchObject({ size: content.length });
  });

  test('what a crash left between sealing and adopting is listed and discarded', async () => {
    const id = await disk.spool.create();
    const much = Buffer.alloc(70_000);
    await disk.spool.append(id, Readable.from([much]));
    await disk.spool.seal(id, digestOf(much));
    const later = disk.reopen();
    expect(await later.size(id)).toBeUndefined();
    for await (const upload of later.list()) {
      expect(upload.id).toBe(id);
      await later.discard(upload.id);
    }
    expect(await readdir(join(disk.root, 'uploads'))).toEqual([]);
  });
});
