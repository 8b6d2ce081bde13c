import type { Log } from '../logging/logger.js';

/** Why a connection was ended, as the log says it. */
const reasons = {
  address: 'its address has too many connections',
  memory: 'the answers that clients do not take fill the memory for them, and it took least',
  notReading: 'the client took no byte of its answer for too long',
  notSending: 'the body of the request came too slowly',
  tinyChunks: 'the body of the request came in thousands of tiny chunks',
  handshakes: 'too many handshakes of TLS were under way, and its address had most of them',
  descriptors: 'file descriptors run out, and it was the one least missed',
} as const;
export type EndReason = keyof typeof reasons;

const tellEveryMs = 10_000;

/** Tells the log how many connections were ended and why, in one line every ten seconds at most, whatever anybody does. */
export class EndedCounts {
  readonly #counts = new Map<EndReason, number>();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly log: Log) {}

  add(reason: EndReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  tell(now: number): void {
    if (this.#counts.size === 0 || now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    for (const [reason, connections] of this.#counts) {
      this.log.warn({ connections, reason: reasons[reason] }, 'connections ended');
    }
    this.#counts.clear();
  }
}
