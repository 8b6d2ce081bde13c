import { release } from './release.js';

/** Pieces shorter than this are copied together: each is an object of its own, and may hold on to all that was read with it. */
const blockSize = 4 * 1024;

/** Bytes as they come. What they take of memory follows their number, in however small pieces they come. */
export class GatheredBytes {
  readonly #blocks: Uint8Array[] = [];
  /** The block that is being filled, and how far it is. */
  #block = Buffer.alloc(0);
  #filled = 0;
  length = 0;

  /** @param announced how many there will be, where that is known */
  constructor(private readonly announced?: number) {}

  add(piece: Uint8Array): void {
    this.length += piece.length;
    // What came in one piece is taken at once.
    if (piece.length >= blockSize || piece.length === this.announced) {
      this.#closeBlock();
      this.#blocks.push(piece);
      return;
    }
    const fitting = piece.subarray(0, this.#block.length - this.#filled);
    this.#fill(fitting);
    if (fitting.length === piece.length) return;
    this.#closeBlock();
    this.#block = Buffer.allocUnsafeSlow(blockSize);
    this.#fill(piece.subarray(fitting.length));
  }

  /** All of them in one, and the memory of the pieces is free. */
  take(): Buffer {
    const pieces = this.takePieces();
    const whole = Buffer.concat(pieces);
    for (const piece of pieces) release(piece);
    return whole;
  }

  /** All of them in order, which are not kept any longer. */
  takePieces(): Uint8Array[] {
    this.#closeBlock();
    this.length = 0;
    return this.#blocks.splice(0);
  }

  /** Forgets what is there. */
  clear(): void {
    this.#blocks.length = 0;
    this.#block = Buffer.alloc(0);
    this.#filled = 0;
    this.length = 0;
  }

  #fill(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #closeBlock(): void {
    if (this.#filled > 0) this.#blocks.push(this.#block.subarray(0, this.#filled));
    this.#block = Buffer.alloc(0);
    this.#filled = 0;
  }
}
