/** Bytes read and written at a time: large blocks cost least, small ones leave a hundred pulls their turns and the memory within bounds. */
const large = 1 << 20;
const small = 64 << 10;
/** Large buffers in use at a time; whoever comes later gets small ones. */
const mostLarge = 8;
/** Small buffers kept for the next transfers. */
const mostSmallKept = 64;

/** Memory for transfers: bounded, and used again. */
export class SendBuffers {
  readonly #large: Buffer[] = [];
  readonly #small: Buffer[] = [];
  #largeInUse = 0;

  /** A buffer for at most `wanted` bytes; it may be shorter or longer. Give it back, or tell that it is lost. */
  take(wanted: number): Buffer {
    if (wanted <= small || this.#largeInUse >= mostLarge) {
      return this.#small.pop() ?? Buffer.allocUnsafeSlow(small);
    }
    this.#largeInUse++;
    return this.#large.pop() ?? Buffer.allocUnsafeSlow(large);
  }

  give(buffer: Buffer): void {
    this.lose(buffer);
    if (buffer.length === large) {
      this.#large.push(buffer);
    } else if (this.#small.length < mostSmallKept) {
      this.#small.push(buffer);
    }
  }

  /** For a buffer that somebody may still read. */
  lose(buffer: Buffer): void {
    if (buffer.length === large) {
      this.#largeInUse--;
    }
  }
}
