import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../config/project-root.js';
import { digestHex, digestOf } from '../oci/digest.js';
import { describeBlobStore } from './blob-store.contract.js';
import { DigestThreads } from './digest-threads.js';
import { DiskBlobStore } from './disk-blob-store.js';
import { DiskUploadSpool } from './disk-upload-spool.js';
import { MemoryBlobStore } from './memory-blob-store.js';
import { MemoryUploadSpool } from './memory-upload-spool.js';
import { describeUploadSpool } from './upload-spool.contract.js';

/** Threads run what `npm test` has compiled. */
const threads = new DigestThreads(pathToFileURL(join(projectRoot(), 'dist/src/storage/digest-worker.js')), 2);
afterAll(() => threads.close());

async function onDisk() {
  const root = await mkdtemp(join(tmpdir(), 'berth-storage-'));
  const open = () => new DiskUploadSpool(join(root, 'uploads'), threads);
  return {
    root,
    store: new DiskBlobStore(root),
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

  test('a damaged blob is repaired by pushing it again', async () => {
    await put();
    await truncate(path(), 3);
    expect(await disk.store.stat(digest)).toEqual({ size: 3 });
    await put();
    expect(await readFile(path())).toEqual(content);
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
    slow.write(content);
    const file = join(disk.root, 'uploads', id);
    while ((await stat(file).catch(() => undefined))?.size !== content.length) {
      await new Promise(setImmediate);
    }
    slow.end(content);
    expect(await appended).toBe(2 * content.length);
    expect(await readFile(file)).toEqual(Buffer.concat([content, content]));
  });

  test('an upload nobody continues costs no file', async () => {
    await disk.spool.create();
    await expect(readdir(join(disk.root, 'uploads'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('what a crash left between sealing and adopting is listed and discarded', async () => {
    const id = await disk.spool.create();
    await disk.spool.append(id, Readable.from([content]));
    await disk.spool.seal(id, digest);
    const later = disk.reopen();
    expect(await later.size(id)).toBeUndefined();
    for await (const upload of later.list()) {
      expect(upload.id).toBe(id);
      await later.discard(upload.id);
    }
    expect(await readdir(join(disk.root, 'uploads'))).toEqual([]);
  });
});
