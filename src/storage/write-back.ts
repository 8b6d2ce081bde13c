/** Bytes of all files together that may wait for their sync. */
const most = 128 << 20;

/**
 * Counts what was written and is not on the disk yet. The kernel makes everybody wait who writes while there is too much of
 * it, the main thread with a line for the database's log too: so those wait first who bring it.
 */
export class WriteBack {
  #bytes = 0;

  get isFull(): boolean {
    return this.#bytes >= most;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }
}
