import { lstatSync } from 'node:fs';
import { type FileHandle, lstat, open, opendir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { layoutPlace } from '../data-directory/own-files.js';
import { isNoFile, plainRead } from '../data-directory/plain-read.js';
import { errorCode } from '../errors/error-code.js';
import { Failure } from '../errors/failure.js';
import type { ByteRange } from '../oci/byte-range.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { type CheckedBlob, type CheckOptions, checkBlobFile, isSetAside } from './blob-file.js';
import { blobPath, blobsFolder } from './blob-path.js';
import { BlobStore, type OpenBlob, type StoredBlob } from './blob-store.js';
import { diskFailure, unlessMissing } from './disk-failure.js';
import { DiskReserve } from './disk-reserve.js';
import { DiskUpload } from './disk-upload.js';
import { sendFile } from './file-sender.js';
import { FileThreads } from './file-threads.js';
import { realPath } from './real-path.js';
import type { SealedUpload } from './upload-spool.js';

/**
 * Blobs as files in the layout of CNCF Distribution, so that its volumes can be adopted and handed back:
 * ```
 * <root>/docker/registry/v2/blobs/<algorithm>/<first 2 hex>/<hex>/data
 * ```
 */
export class DiskBlobStore extends BlobStore {
  readonly #blobs: string;
  /** Above what a commit makes: there already. */
  readonly #base: string;
  /** Folders `<algorithm>/<first 2 hex>` that were seen to be where they should be. */
  readonly #known = new Set<string>();

  /**
   * @param root without a link in it; must be on the same file system as the uploads: a blob becomes visible by a rename
   * @param files ending them is the caller's business
   */
  constructor(
    root: string,
    private readonly files = new FileThreads(),
    private readonly reserve = new DiskReserve(root, 0),
  ) {
    super();
    const place = layoutPlace(root);
    this.#blobs = place(blobsFolder);
    this.#base = dirname(place('docker'));
  }

  override async stat(digest: Digest): Promise<{ size: number } | undefined> {
    const path = this.#path(digest);
    const file = await unlessMissing(unlessNoFile(lstat(path)));
    return file?.isFile() && !isSetAside(file) && this.#isInPlace(path) ? { size: file.size } : undefined;
  }

  override async open(digest: Digest): Promise<OpenBlob | undefined> {
    const file = await this.#open(digest);
    return file && new OpenFile(file.handle, file.name, file.size);
  }

  override async read(digest: Digest, range?: ByteRange): Promise<Readable> {
    const file = await this.#open(digest);
    if (file === undefined) throw new Failure('BLOB_UNKNOWN', { detail: digest });
    return file.handle.createReadStream(range);
  }

  override async adopt(digest: Digest, upload: SealedUpload): Promise<void> {
    if (!(upload instanceof DiskUpload)) throw new TypeError('a disk blob store adopts uploads of a disk spool');
    if (upload.digest !== digest) throw new Failure('DIGEST_INVALID', { detail: digest });
    const { path: from, bytes } = upload;
    const commit = () => this.files.commit({ from, bytes, to: this.#path(digest), root: this.#base });
    try {
      // What is a file already takes no more room under its new name.
      await (bytes === undefined ? commit() : this.reserve.write(bytes.length, commit));
    } finally {
      upload.release();
    }
  }

  override async verify(digest: Digest): Promise<boolean> {
    return (await this.check(digest, { setAside: true })).condition !== 'damaged';
  }

  /** Reads the file of a blob whole. Throws STORAGE_UNAVAILABLE when it cannot be opened or set aside. */
  async check(digest: Digest, options: CheckOptions = {}): Promise<CheckedBlob> {
    const path = this.#path(digest);
    try {
      if (!this.#isInPlace(path)) return { condition: 'missing', size: 0 };
      return await checkBlobFile(path, digest, options);
    } catch (error) {
      throw diskFailure(error);
    }
  }

  override async delete(digest: Digest): Promise<void> {
    const path = this.#path(digest);
    if (!this.#isInPlace(path)) return;
    try {
      await rm(path, { force: true });
      await rmdir(dirname(path));
    } catch (error) {
      // Distribution may keep other files beside the data, and another writer may have put the blob back already.
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw diskFailure(error);
    }
  }

  /** @param only the first two hexadecimal digits of the blobs to list; all when left out */
  override async *list(only?: string): AsyncIterable<StoredBlob> {
    for await (const algorithm of entriesOf(this.#blobs)) {
      for await (const prefix of entriesOf(join(this.#blobs, algorithm))) {
        if (only !== undefined && prefix !== only) continue;
        for await (const hex of entriesOf(join(this.#blobs, algorithm, prefix))) {
          const digest = `${algorithm}:${hex}`;
          const file = isDigest(digest) ? await unlessMissing(lstat(this.#path(digest))) : undefined;
          if (isDigest(digest) && file?.isFile()) {
            yield { digest, size: file.size, modifiedAt: file.mtime };
          }
        }
      }
    }
  }

  /**
   * Whether the folder of a blob is a folder, below folders: nothing in the data directory is reached through a link
   * (docs/adr/0017). One system call, of something that was just looked up; what is above it is looked at once.
   */
  #isInPlace(path: string): boolean {
    const folder = dirname(path);
    const above = dirname(folder);
    try {
      if (!this.#known.has(above)) {
        if (realPath(above) !== above) return false;
        this.#known.add(above);
      }
      return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
    } catch (error) {
      throw diskFailure(error);
    }
  }

  /** Undefined when there is no such file, there is something else, or it was set aside. */
  async #open(digest: Digest): Promise<NamedFile | undefined> {
    const path = this.#path(digest);
    const handle = await unlessMissing(
      unlessNoFile(open(path, plainRead)).catch(async (error: unknown) => {
        if (errorCode(error) === 'EACCES' && isSetAside(await lstat(path))) return undefined;
        throw error;
      }),
    );
    if (handle === undefined) return undefined;
    try {
      const file = await handle.stat();
      if (file.isFile() && !isSetAside(file) && this.#isInPlace(path)) {
        const { dev, ino, ctimeMs, size } = file;
        return { handle, name: `${dev}/${ino}/${ctimeMs}/${size}`, size };
      }
      await handle.close();
      return undefined;
    } catch (error) {
      await handle.close();
      throw diskFailure(error);
    }
  }

  #path(digest: Digest): string {
    return join(this.#blobs, blobPath(digest));
  }
}

interface NamedFile {
  readonly handle: FileHandle;
  /** Of the file as it is now: another one, or this one after a change, has another name. */
  readonly name: string;
  readonly size: number;
}

class OpenFile implements OpenBlob {
  constructor(
    private readonly file: FileHandle,
    private readonly name: string,
    readonly size: number,
  ) {}

  async send(to: Writable, range: ByteRange = { start: 0, end: this.size - 1 }): Promise<void> {
    await sendFile(this.file, this.name, to, range);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function unlessNoFile<T>(work: Promise<T>): Promise<T | undefined> {
  return await work.catch((error: unknown) => {
    if (isNoFile(error)) return undefined;
    throw error;
  });
}

async function* entriesOf(directory: string): AsyncIterable<string> {
  const entries = await unlessMissing(opendir(directory));
  for await (const entry of entries ?? []) {
    if (entry.isDirectory()) {
      yield entry.name;
    }
  }
}
