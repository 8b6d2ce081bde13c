import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorCode } from '../errors/error-code.js';

/** What position, length and address of such a write have to be multiples of, whatever the disk. */
export const directUnit = 4096;
/** Bytes from which on it is worth it. */
const worthIt = 256 << 10;

/** Writes around the page cache into a file that is open elsewhere too (docs/adr/0016). */
export class DirectWrites {
  /** Opened for the first of them; null where the file system knows no such thing. */
  #file: FileHandle | null | undefined;

  constructor(private readonly path: string) {}

  /** Bytes written, which may be fewer; undefined when these have to go another way. Rejects with the system's own error. */
  async write(chunks: readonly Uint8Array[], position: number): Promise<number | undefined> {
    const [chunk] = chunks;
    if (this.#file === null || chunk === undefined || chunks.length > 1 || !isAligned(chunk, position)) {
      return undefined;
    }
    try {
      this.#file ??= await open(this.path, constants.O_WRONLY | constants.O_DIRECT | constants.O_NOFOLLOW);
      return (await this.#file.write(chunk, 0, chunk.length, position)).bytesWritten;
    } catch (error) {
      if (errorCode(error) !== 'EINVAL') {
        throw error;
      }
      await this.close();
      this.#file = null;
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/** Only memory of the pool starts at a page; of other memory nobody knows. */
function isAligned({ buffer, byteOffset, length }: Uint8Array, position: number): boolean {
  const units = [byteOffset, length, position].every((number) => number % directUnit === 0);
  return buffer instanceof SharedArrayBuffer && length >= worthIt && units;
}
