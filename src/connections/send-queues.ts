import { createReadStream } from 'node:fs';
import type { Connection } from './connection.js';

/** What Linux knows of every TCP connection, one a line. */
const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];
/** Local port, remote port, and bytes sent or waiting that the other side has not acknowledged, in hexadecimal. */
const row = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/;

/**
 * How a client that takes its answer slowly is told from one that takes nothing. The system takes megabytes from us at a time, and
 * nothing more until a third of them has left, which a slow client needs minutes for.
 */
export class SendQueues {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;

  /** @param everyMs it looks no more often than this */
  constructor(private readonly everyMs: number) {}

  /** Tells each of `quiet` what the system still has for its client. Where the system does not say (no /proc), nothing happens. */
  async look(quiet: readonly Connection[], now: number): Promise<void> {
    if (quiet.length === 0 || this.#isLooking || now - this.#lookedAt < this.everyMs) return;
    this.#lookedAt = now;
    this.#isLooking = true;
    const queued = await queuedFor(new Set(quiet.map(({ ports }) => ports)));
    this.#isLooking = false;
    for (const connection of quiet) connection.observeQueue(queued.get(connection.ports), now);
  }
}

/** By pair of ports; clients of the same port on several machines are added up, which is as good: one of them takes something. */
async function queuedFor(wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const queued = new Map<string, number>();
  for (const table of tables) {
    try {
      let rest = '';
      for await (const chunk of createReadStream(table, 'latin1')) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) note(line, wanted, queued);
      }
    } catch {
      return queued; // no Linux, or no descriptor left: then only what the system takes is seen
    }
  }
  return queued;
}

function note(line: string, wanted: ReadonlySet<string>, queued: Map<string, number>): void {
  const [, local = '', remote = '', bytes = ''] = row.exec(line) ?? [];
  const ports = `${Number.parseInt(local, 16)} ${Number.parseInt(remote, 16)}`;
  if (wanted.has(ports)) queued.set(ports, (queued.get(ports) ?? 0) + Number.parseInt(bytes, 16));
}
