/** Bytes in a block. Sockets deliver 64 KiB at most, and a system call per chunk costs more than the copying. */
export const blockSize = 1 << 20;

/** Blocks that exist at most, over all uploads together: what uploads take of memory does not depend on how many there are. */
const mostBlocks = 12;

/** A fixed number of blocks of memory that every thread can read, used again and again. */
export class BlockPool {
  readonly #free: Buffer[] = [];
  readonly #waiting: ((block: Buffer) => void)[] = [];
  #memory: SharedArrayBuffer | undefined;
  #made = 0;

  constructor(private readonly most = mostBlocks) {}

  /** A block of one's own until it is given back; waits for one, in the order of asking, while all are taken. */
  async take(): Promise<Buffer> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made < this.most) return Buffer.from(this.#all(), blockSize * this.#made++, blockSize);
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(block: Buffer): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(block);
    } else {
      this.#free.push(block);
    }
  }

  /** Address space; the kernel gives memory to what is used of it. */
  #all(): SharedArrayBuffer {
    this.#memory ??= new SharedArrayBuffer(this.most * blockSize);
    return this.#memory;
  }
}
