import { FairQueue } from '../database/fair-queue.js';

/** Milliseconds for which a crowd is let in before a request that waits has its turn. */
const doorMs = 20;
/** Milliseconds of requests that begin in one turn of the event loop, once some wait. */
const stretchMs = 2;

/**
 * When requests begin: at once, nearly always. Node accepts one connection a turn of the event loop, so whoever comes behind a
 * crowd waits as many turns as it has heads. While connections come in, requests therefore wait a little, and then begin a
 * few a turn, each address in its turn.
 */
export class RequestTurns {
  readonly #waiting = new FairQueue<() => void>({ total: Number.POSITIVE_INFINITY }); // one of each connection
  #arriving = false;
  #pumping = false;
  #begunAt = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** A connection was accepted in this turn. */
  arrived(): void {
    this.#arriving = true;
    this.#pump();
  }

  /** Whether a request that comes now has to wait; otherwise it begins at once. */
  get waiting(): boolean {
    return this.#arriving || this.#waiting.size > 0;
  }

  /** @param key of whoever asks */
  add(key: string, begin: () => void): void {
    this.#waiting.add(key, begin);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#begunAt = this.now();
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    const letIn = this.#arriving && this.now() - this.#begunAt < doorMs;
    this.#arriving = false;
    if (!letIn) this.#beginSome();
    if (letIn || this.#waiting.size > 0) setImmediate(() => this.#turn());
    else this.#pumping = false;
  }

  #beginSome(): void {
    const until = this.now() + stretchMs;
    for (let begin = this.#waiting.take(); begin !== undefined; begin = this.#waiting.take()) {
      begin();
      if (this.now() >= until) break;
    }
    this.#begunAt = this.now();
  }
}
