/** Bytes read and written at a time: large blocks cost least, small ones keep a hundred pulls within bounds. */
const large = 1 << 20;
const small = 128 * 1024;
/** Large buffers in use at a time; whoever comes later gets small ones. */
const mostLarge = 24;
/** Large buffers kept for the next transfer. */
const keptLarge = 8;

/** Memory for transfers: bounded, and used again. */
export class SendBuffers {
  readonly #free: Buffer[] = [];
  #largeInUse = 0;

  /** A buffer for at most `wanted` bytes; it may be shorter. Give it back, or tell that it is lost. */
  take(wanted: number): Buffer {
    if (wanted <= small || this.#largeInUse >= mostLarge) {
      return Buffer.allocUnsafeSlow(Math.min(wanted, small));
    }
    this.#largeInUse++;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(large);
  }

  give(buffer: Buffer): void {
    this.lose(buffer);
    if (buffer.length === large && this.#free.length < keptLarge) {
      this.#free.push(buffer);
    }
  }

  /** For a buffer that somebody may still read. */
  lose(buffer: Buffer): void {
    if (buffer.length === large) {
      this.#largeInUse--;
    }
  }
}
