import { clock } from '../async/clock.js';
import { FairQueue } from '../async/fair-queue.js';

/** Connections of a crowd that are let in before what waits has its turn: about twenty milliseconds. */
const atOnce = 256;
/** Milliseconds of requests that begin in one turn of the event loop, once some wait. */
const stretchMs = 2;
/** Connections of a crowd that are read for the first time in one turn: their heads are all parsed in the next. */
const readAtOnce = 4;

/**
 * When connections are read for the first time, and when requests begin: at once, nearly always. Node accepts one connection a turn
 * of the event loop, so whoever comes behind a crowd waits as many turns as it has heads. While connections come in, nothing else
 * is done therefore, for a little, and then a few are read and a few requests begin in a turn, each address in its turn.
 */
export class RequestTurns {
  readonly #connections = unbounded(); // AddressCounts and the descriptors bound them
  readonly #requests = unbounded(); // one of each connection
  #arriving = false;
  #lettingIn = false;
  #pumping = false;
  #letIn = 0;

  /**
   * A connection was accepted in this turn.
   * @param key of whoever is at its other end
   * @param read begins to read it
   */
  arrived(key: string, read: () => void): void {
    this.#arriving = true;
    this.#letIn++;
    if (this.#pumping) this.#connections.add(key, read);
    else read();
    this.#pump();
  }

  /** Whether a request that comes now has to wait; otherwise it begins at once. */
  get waiting(): boolean {
    return this.#arriving || this.#requests.size > 0;
  }

  /** Whether a crowd comes in, while which nothing else is to be done. */
  get lettingIn(): boolean {
    return this.#lettingIn;
  }

  /** @param key of whoever asks */
  add(key: string, begin: () => void): void {
    this.#requests.add(key, begin);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#letIn = 0;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#lettingIn = this.#arriving && this.#letIn < atOnce;
    this.#arriving = false;
    if (!this.#lettingIn) this.#beginSome();
    if (this.#lettingIn || this.#requests.size > 0 || this.#connections.size > 0) setImmediate(() => this.#turn());
    else this.#pumping = false;
  }

  #beginSome(): void {
    const until = clock.steady() + stretchMs;
    for (let begin = this.#requests.take(); begin !== undefined; begin = this.#requests.take()) {
      begin();
      if (clock.steady() >= until) break;
    }
    for (let count = 0; count < readAtOnce; count++) this.#connections.take()?.();
    this.#letIn = 0;
  }
}

function unbounded(): FairQueue<() => void> {
  return new FairQueue({ total: Number.POSITIVE_INFINITY });
}
