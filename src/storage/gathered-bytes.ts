/** Pieces shorter than this are copied together: each is an object of its own, and may hold on to all that was read with it. */
const blockSize = 4 * 1024;

/** The bytes of a body while it is read. What they take of memory follows their number, in however small pieces they come. */
export class BodyBytes {
  readonly #blocks: Buffer[] = [];
  /** The block that is being filled, and how far it is. */
  #block = Buffer.alloc(0);
  #filled = 0;
  length = 0;

  /** @param announced how many there will be, where that is known */
  constructor(private readonly announced?: number) {}

  add(piece: Buffer): void {
    this.length += piece.length;
    // What came in one piece is taken at once.
    if (piece.length >= blockSize || piece.length === this.announced) {
      this.#closeBlock();
      this.#blocks.push(piece);
      return;
    }
    const taken = piece.copy(this.#block, this.#filled);
    this.#filled += taken;
    if (taken === piece.length) return;
    this.#closeBlock();
    this.#block = Buffer.allocUnsafeSlow(blockSize);
    this.#filled = piece.copy(this.#block, 0, taken);
  }

  /** All of them, which are not kept any longer. */
  take(): Buffer {
    this.#closeBlock();
    return Buffer.concat(this.#blocks.splice(0));
  }

  /** Forgets what is there. */
  clear(): void {
    this.#blocks.length = 0;
    this.#block = Buffer.alloc(0);
    this.#filled = 0;
  }

  #closeBlock(): void {
    if (this.#filled > 0) this.#blocks.push(this.#block.subarray(0, this.#filled));
    this.#block = Buffer.alloc(0);
    this.#filled = 0;
  }
}
