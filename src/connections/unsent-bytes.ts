import type { Connection } from './connection.js';

/** Bytes a connection may have in memory before they count: a block of a layer on its way, and what Node buffers anyway. */
const freeBytes = 80 * 1024;
/** The same beyond that, of all connections together. */
const mostBytes = 32 * 1024 * 1024;
/** Milliseconds in which a client that reads takes something. Several who ask for something large at once are not told apart before. */
const patience = 500;
/** How much more than the budget there may be within {@link patience}. */
const stretch = 3;

/** The memory of answers that clients have not taken. When it is used up, whoever takes least goes, and newcomers are served. */
export class UnsentBytes {
  readonly #held = new Map<Connection, number>();
  #total = 0;

  /** @param end is told of each connection that has to go */
  constructor(
    private readonly end: (connection: Connection) => void,
    private readonly most = mostBytes,
  ) {}

  /** After a write that the system did not take at once. */
  note(connection: Connection, now: number): void {
    // Until this write it had next to nothing to take.
    if (!this.#held.has(connection)) connection.movedAt = now;
    this.#set(connection, connection.unsent - freeBytes);
    if (this.#total > this.most) this.recount(now);
  }

  forget(connection: Connection): void {
    this.#set(connection, 0);
  }

  /** Clients go on reading after a write; this is where that shows, and where those go who do not. */
  recount(now: number): void {
    for (const connection of this.#held.keys()) {
      connection.observe(now);
      this.#set(connection, connection.unsent - freeBytes);
    }
    while (this.#total > this.most) {
      const slowest = this.#slowest();
      if (slowest === undefined) return;
      if (now - slowest.movedAt < patience && this.#total <= stretch * this.most) return;
      this.forget(slowest);
      this.end(slowest);
    }
  }

  #slowest(): Connection | undefined {
    let slowest: Connection | undefined;
    for (const connection of this.#held.keys()) {
      if (slowest === undefined || connection.movedAt < slowest.movedAt) slowest = connection;
    }
    return slowest;
  }

  #set(connection: Connection, bytes: number): void {
    this.#total += Math.max(0, bytes) - (this.#held.get(connection) ?? 0);
    if (bytes > 0) this.#held.set(connection, bytes);
    else this.#held.delete(connection);
  }
}
