import type { IncomingMessage } from 'node:http';
import { FairQueue } from '../async/fair-queue.js';

/** Bytes of bodies that are read in one turn of the event loop before the next ones wait. */
const bytesATurn = 256 * 1024;
/** What one connection brings at a time, at most. */
const pieceBytes = 64 * 1024;

/**
 * When the bodies of requests are read: at once, nearly always. Node reads up to two megabytes of every connection in a turn of the
 * event loop, and parses them. When many bring much at once, a piece of a few is read in each turn, each address in its turn.
 */
export class BodyTurns {
  readonly #queue = new FairQueue<IncomingMessage>({ total: Number.POSITIVE_INFINITY }); // one of each connection
  readonly #waiting = new Set<IncomingMessage>();
  #left = bytesATurn;
  #pumping = false;

  /** @param isBusy whether bodies have to wait for something else in this turn */
  constructor(private readonly isBusy: () => boolean) {}

  /** Watches over the body of `request`, whoever reads it and for whatever reason; before anybody does. */
  watch(request: IncomingMessage, key: string): void {
    // A listener makes a stream flow, so it comes when something else did.
    request.once('resume', () => request.on('data', (piece: Buffer) => this.#read(request, key, piece.length)));
  }

  /** Whether its next piece waits for its turn. */
  waits(request: IncomingMessage): boolean {
    return this.#waiting.has(request);
  }

  #read(request: IncomingMessage, key: string, bytes: number): void {
    this.#left -= bytes;
    this.#pump();
    if (request.complete || (this.#left > 0 && this.#queue.size === 0 && !this.isBusy())) return;
    request.pause();
    this.#waiting.add(request);
    this.#queue.add(key, request);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#left = bytesATurn;
    this.#pumping = false;
    if (!this.isBusy()) this.#resumeSome();
    if (this.#queue.size > 0) this.#pump();
  }

  #resumeSome(): void {
    for (let bytes = 0; bytes < bytesATurn; bytes += pieceBytes) this.#resume(this.#queue.take());
  }

  #resume(request: IncomingMessage | undefined): void {
    if (request === undefined) return;
    this.#waiting.delete(request);
    request.resume();
  }
}
