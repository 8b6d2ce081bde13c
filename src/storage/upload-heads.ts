/** Bytes of an upload that are kept in memory at most: what a config or a manifest-like layer has. */
export const mostOfOne = 64 * 1024;
/** The same of all uploads together; when there is no room, bytes go to the disk from the first on. */
const mostOfAll = 16 * 1024 * 1024;
/** Chunks after which they are put together: each costs more than its bytes when it is small. */
const mostChunks = 64;

/** The memory for the first bytes of uploads. */
export class UploadHeads {
  #bytes = 0;

  constructor(private readonly most = mostOfAll) {}

  open(): UploadHead {
    return new UploadHead((bytes) => {
      if (this.#bytes + bytes > this.most) {
        return false;
      }
      this.#bytes += bytes;
      return true;
    });
  }
}

/** The bytes of an upload, as long as they are few: nothing of it is on the disk, and it ends with the process. */
export class UploadHead {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** @param reserve asks for room, or gives it back when negative */
  constructor(private readonly reserve: (bytes: number) => boolean) {}

  /** Takes the chunk, or answers false when there is no room for it. */
  add(chunk: Uint8Array): boolean {
    if (this.#size + chunk.length > mostOfOne || !this.reserve(chunk.length)) {
      return false;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#chunks.length === mostChunks) {
      this.bytes();
    }
    return true;
  }

  bytes(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  /** Forgets what is behind the first `size` bytes. */
  truncate(size: number): void {
    this.reserve(size - this.#size);
    this.#chunks = [this.bytes().subarray(0, size)];
    this.#size = size;
  }
}
