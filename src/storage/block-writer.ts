import type { FileHandle } from 'node:fs/promises';
import { diskFailure } from './disk-failure.js';

/** Bytes written by one system call. Sockets deliver 64 KiB at most, and a call per chunk costs more than the copying. */
const blockSize = 1 << 20;
/** Milliseconds after which a block that does not fill is written as it is: a slow client's bytes belong on the disk too. */
const patienceMs = 50;

/**
 * Writes a sequence of chunks into a file as large blocks: while one block is on its way to the disk the next one is
 * collected, so at most two blocks are in memory.
 */
export class BlockWriter {
  #chunks: Uint8Array[] = [];
  #collected = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: FileHandle,
    private position: number,
  ) {}

  /** Takes a chunk, which must not change any more. True when a block is full: await `flush` before the next chunk. */
  push(chunk: Uint8Array): boolean {
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), patienceMs);
    this.#chunks.push(chunk);
    this.#collected += chunk.length;
    return this.#collected >= blockSize;
  }

  /** Starts writing what was collected, once the block before it is written. Throws its STORAGE_… failure. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#collected === 0) {
      return;
    }
    const position = this.position;
    this.position += this.#collected;
    this.#writing = this.#writeAll(this.#take(), position);
    // The failure is reported by the next flush; until then it must not count as unhandled.
    this.#writing.catch(() => undefined);
  }

  /** Writes the rest and resolves when the file has everything. */
  async end(): Promise<void> {
    await this.flush();
    await this.#writing;
  }

  /** Forgets what was collected and resolves when nothing is being written any more, well or badly. */
  async abandon(): Promise<void> {
    this.#take();
    await this.#writing.catch(() => undefined);
  }

  #take(): Uint8Array[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#collected = 0;
    return chunks;
  }

  async #writeAll(chunks: Uint8Array[], position: number): Promise<void> {
    try {
      const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      let { bytesWritten } = await this.file.writev(chunks, position);
      if (bytesWritten < total) {
        const rest = Buffer.concat(chunks);
        while (bytesWritten < total) {
          const more = await this.file.write(rest, bytesWritten, total - bytesWritten, position + bytesWritten);
          bytesWritten += more.bytesWritten;
        }
      }
    } catch (error) {
      throw diskFailure(error);
    }
  }
}
