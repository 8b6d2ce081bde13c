import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isNoFile, plainRead } from '../data-directory/plain-read.js';
import { errorCode } from '../errors/error-code.js';
import { diskFailure } from './disk-failure.js';
import type { FileThreads } from './file-threads.js';
import type { WriteBack } from './write-back.js';

/** Bytes after which the disk is told to start, so that the sync at the end has little left to wait for. */
const syncEvery = 8 << 20;
/** Bytes behind the last sync that began: who is so far ahead of the disk waits for it. */
const mostAhead = 32 << 20;

/**
 * How many bytes a file has that an earlier process wrote; all of them are on the disk then. That process may have been killed before it
 * said so. Undefined where there is no file. Throws STORAGE_….
 */
export async function sizeOnDisk(path: string): Promise<number | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, plainRead);
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    await file.datasync();
    return found.size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || isNoFile(error)) return undefined;
    throw diskFailure(error);
  } finally {
    await file?.close();
  }
}

/**
 * A file being written whose bytes are on their way to the disk while more come. They stay in the page cache, where the first
 * who pull them find them (docs/adr/0020). Every error is a STORAGE_… failure.
 */
export class SyncedFile {
  #unsynced = 0;
  #syncing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  private constructor(
    private readonly file: FileHandle,
    private readonly threads: FileThreads,
    private readonly writeBack: WriteBack,
  ) {}

  /** A file that is there. Rejects with the system's own error, such as ENOENT. */
  static async open(path: string, threads: FileThreads, writeBack: WriteBack): Promise<SyncedFile> {
    const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return new SyncedFile(file, threads, writeBack);
    await file.close();
    throw new Error(`${path} is not a file`);
  }

  /** A file that is not there yet, its owner's alone. Rejects with the system's own error, such as EEXIST. */
  static async create(path: string, threads: FileThreads, writeBack: WriteBack): Promise<SyncedFile> {
    return new SyncedFile(await open(path, 'wx+', 0o600), threads, writeBack);
  }

  /** One write at a time, which waits while the disk is too far behind. */
  async write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    while (this.#isFarAhead()) {
      if (this.#syncing === undefined) void this.#startSync();
      else await this.#syncing;
    }
    await this.threads.write({ file: this.file.fd, pieces, position });
    this.#note(pieces.reduce((sum, piece) => sum + piece.length, 0));
    if (this.#unsynced >= syncEvery) void this.#startSync();
  }

  /** Fills `block` with the bytes from `position` on and answers how many there were: none at the end. */
  async read(block: Uint8Array, position: number): Promise<number> {
    try {
      return (await this.file.read(block, 0, block.length, position)).bytesRead;
    } catch (error) {
      throw diskFailure(error);
    }
  }

  async truncate(size: number): Promise<void> {
    try {
      await this.file.truncate(size);
      this.#note(1);
    } catch (error) {
      throw diskFailure(error);
    }
  }

  /**
   * Closes the file; resolves when everything written is durable. Throws when any sync failed, however long ago: what it
   * could not write is forgotten by the kernel, and a later sync would succeed without it.
   */
  async close(): Promise<void> {
    await this.#syncing;
    if (this.#unsynced > 0) await this.#startSync();
    await this.file.close();
    if (this.#failure !== undefined) throw diskFailure(this.#failure.error);
  }

  /** Whether too much was written since the last sync began, or all files together wait for too much. */
  #isFarAhead(): boolean {
    return this.#unsynced >= mostAhead || (this.#unsynced > 0 && this.writeBack.isFull);
  }

  #note(unsynced: number): void {
    this.#unsynced += unsynced;
    this.writeBack.add(unsynced);
  }

  /** Resolves when the sync is over that is under way or, when none is, a new one. */
  #startSync(): Promise<void> {
    this.#syncing ??= this.#sync();
    return this.#syncing;
  }

  async #sync(): Promise<void> {
    const bytes = this.#unsynced;
    this.#unsynced = 0;
    try {
      await this.file.datasync();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.writeBack.remove(bytes);
      this.#syncing = undefined;
    }
  }
}
