/** Bytes handed to sockets in one turn of the event loop: half a millisecond's worth. */
const bytesInOneTurn = 1 << 20;

/**
 * Keeps the turns of the event loop short while many pull: what comes in, a new connection first of all, is looked at once a
 * turn, and libuv accepts one connection a turn. Blocks beyond a turn's worth wait for a later one, first come, first served.
 */
export class SendTurns {
  #left = bytesInOneTurn;
  #turnEnds = false;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];

  /** Resolves when it is this block's turn; at once, when the turn has room. */
  async take(bytes: number): Promise<void> {
    this.#endTurn();
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#left -= bytes;
      return;
    }
    await new Promise<void>((go) => {
      this.#waiting.push({ bytes, go });
    });
  }

  #endTurn(): void {
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    setImmediate(() => {
      this.#turnEnds = false;
      this.#left = bytesInOneTurn;
      while (this.#left > 0) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        this.#left -= next.bytes;
        next.go();
      }
      this.#endTurn();
    });
  }
}
