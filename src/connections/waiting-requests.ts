/** Bytes that requests which wait behind others of their connection may take together, about. */
const mostBytes = 8 * 1024 * 1024;

/** The memory of the requests of all connections that were parsed and wait for those before them. */
export class WaitingRequests {
  readonly #held = new Map<object, number>();
  #bytes = 0;

  constructor(private readonly most = mostBytes) {}

  get areTooMany(): boolean {
    return this.#bytes > this.most;
  }

  /** So many bytes are taken by what waits on this connection. */
  set(connection: object, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(connection) ?? 0);
    if (bytes > 0) this.#held.set(connection, bytes);
    else this.#held.delete(connection);
  }
}
