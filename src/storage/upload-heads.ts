/** Bytes of an upload that are kept in memory at most: what a config or a manifest-like layer has. */
export const mostOfOne = 64 * 1024;
/** The same of all uploads together; when there is no room, bytes go to the disk from the first on. */
const mostOfAll = 16 * 1024 * 1024;

/** The memory for the first bytes of uploads. */
export class UploadHeads {
  #bytes = 0;

  constructor(private readonly most = mostOfAll) {}

  open(): UploadHead {
    return new UploadHead((bytes) => {
      if (this.#bytes + bytes > this.most) return false;
      this.#bytes += bytes;
      return true;
    });
  }
}

/** The bytes of an upload, as long as they are few: nothing of it is on the disk, and it ends with the process. */
export class UploadHead {
  /** Grows by doubling: of a thousand chunks each is copied a few times, and none is kept. */
  #block = Buffer.alloc(0);
  #size = 0;

  /** @param reserve asks for room, or gives it back when negative */
  constructor(private readonly reserve: (bytes: number) => boolean) {}

  /** Takes the chunk, or answers false when there is no room for it. */
  add(chunk: Uint8Array): boolean {
    const size = this.#size + chunk.length;
    if (size > mostOfOne || (size > this.#block.length && !this.#grow(size))) return false;
    this.#block.set(chunk, this.#size);
    this.#size = size;
    return true;
  }

  bytes(): Buffer {
    return Buffer.from(this.#block.subarray(0, this.#size));
  }

  /** Forgets what is behind the first `size` bytes. */
  truncate(size: number): void {
    this.#size = size;
    if (size > 0) return;
    this.reserve(-this.#block.length);
    this.#block = Buffer.alloc(0);
  }

  #grow(least: number): boolean {
    const length = Math.min(mostOfOne, Math.max(least, 2 * this.#block.length));
    if (!this.reserve(length - this.#block.length)) return false;
    const block = Buffer.allocUnsafeSlow(length);
    block.set(this.#block.subarray(0, this.#size));
    this.#block = block;
    return true;
  }
}
