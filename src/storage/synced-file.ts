import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DirectWrites } from './direct-writes.js';
import { diskFailure } from './disk-failure.js';

/** Bytes after which the disk is told to start, so that the sync at the end has little left to wait for. */
const syncEvery = 32 << 20;

/**
 * A file being written whose bytes are on their way to the disk while more come, large pieces around the page cache. Every
 * error is a STORAGE_… failure.
 */
export class SyncedFile {
  #unsynced = 0;
  #syncing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  readonly #direct: DirectWrites;

  private constructor(
    path: string,
    private readonly file: FileHandle,
  ) {
    this.#direct = new DirectWrites(path);
  }

  /** A file that is there. Rejects with the system's own error, such as ENOENT. */
  static async open(path: string): Promise<SyncedFile> {
    const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return new SyncedFile(path, file);
    await file.close();
    throw new Error(`${path} is not a file`);
  }

  /** A file that is not there yet, its owner's alone. Rejects with the system's own error, such as EEXIST. */
  static async create(path: string): Promise<SyncedFile> {
    return new SyncedFile(path, await open(path, 'wx+', 0o600));
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    try {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const written =
        (await this.#direct.write(chunks, position)) ?? (await this.file.writev(chunks, position)).bytesWritten;
      if (written < bytes) {
        await this.#writeRest(Buffer.concat(chunks), written, position);
      }
      this.#unsynced += bytes;
    } catch (error) {
      throw diskFailure(error);
    }
    if (this.#unsynced >= syncEvery) {
      this.#syncing ??= this.#sync();
    }
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
      this.#unsynced++;
    } catch (error) {
      throw diskFailure(error);
    }
  }

  /**
   * Closes the file; resolves when everything written is durable. Throws when any sync failed, however long ago: what it
   * could not write is forgotten by the kernel, and a later sync would succeed without it.
   */
  async close(): Promise<void> {
    try {
      await this.#syncing;
      if (this.#unsynced > 0) {
        await this.#sync();
      }
    } finally {
      await this.#direct.close();
      await this.file.close();
    }
    if (this.#failure !== undefined) {
      throw diskFailure(this.#failure.error);
    }
  }

  async #sync(): Promise<void> {
    this.#unsynced = 0;
    try {
      await this.file.datasync();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#syncing = undefined;
    }
  }

  async #writeRest(bytes: Buffer, from: number, position: number): Promise<void> {
    for (let written = from; written < bytes.length; ) {
      const more = await this.file.write(bytes, written, bytes.length - written, position + written);
      written += more.bytesWritten;
    }
  }
}
