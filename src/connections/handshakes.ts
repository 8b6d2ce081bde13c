/** Handshakes of TLS under way at most: each keeps some 50 KiB, and nobody who shakes hands does so for long. */
const most = 512;

/**
 * The handshakes of TLS that began and are not over. Beyond {@link most} the oldest of the address that has most of them makes room, so
 * strangers who begin and never go on keep nobody out, and take no more memory than that.
 */
export class Handshakes<Connection> {
  readonly #of = new Map<string, Set<Connection>>();
  #count = 0;

  /**
   * One that begins.
   * @param address of the client, or what counts as one
   * @returns the one that has to end for it
   */
  begin(connection: Connection, address: string): Connection | undefined {
    const theirs = this.#of.get(address) ?? new Set();
    this.#of.set(address, theirs.add(connection));
    if (++this.#count <= most) return undefined;
    const [busiest, beginnings] = [...this.#of].reduce((a, b) => (b[1].size > a[1].size ? b : a));
    const [oldest] = beginnings;
    if (oldest !== undefined) this.over(oldest, busiest);
    return oldest;
  }

  /** One that came to its end, well or badly; it may be told twice. */
  over(connection: Connection, address: string): void {
    const theirs = this.#of.get(address);
    if (!theirs?.delete(connection)) return;
    this.#count--;
    if (theirs.size === 0) this.#of.delete(address);
  }
}
