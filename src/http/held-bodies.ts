import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Failure } from '../errors/failure.js';

/** Bytes of all bodies that are read whole; room for two of the largest manifest in any case. */
const mostBytes = 24 * 1024 * 1024;

/** A body on its way into memory, or there while something is done with it. */
interface HeldBody {
  readonly holder: string;
  bytes: number;
  /** Ends the reading with this; undefined once it has been read. */
  refuse: ((failure: Failure) => void) | undefined;
}

/**
 * The memory for bodies that are read whole: manifests, forms and JSON. When it is full, whoever holds most of it loses the body
 * begun first, so that nobody's many unfinished bodies keep out somebody else's one.
 */
@Injectable()
export class HeldBodies {
  readonly #bodies = new Set<HeldBody>();
  readonly #most: number;
  #total = 0;

  constructor(@Inject(CONFIG) { registry }: { readonly registry: Pick<Config['registry'], 'maxManifestBytes'> }) {
    this.#most = Math.max(mostBytes, 2 * registry.maxManifestBytes);
  }

  /**
   * A body of `holder`, an account or an address, of which nothing is there yet.
   * @param refuse is called, once at most, with TOO_MANY_REQUESTS when the body has to make room
   */
  open(holder: string, refuse: (failure: Failure) => void): HeldBodyRoom {
    const body: HeldBody = { holder, bytes: 0, refuse };
    this.#bodies.add(body);
    return {
      add: (bytes) => {
        if (!this.#bodies.has(body)) return; // what was refused or closed may still come in for a while, and nobody keeps it
        body.bytes += bytes;
        this.#total += bytes;
        while (this.#total > this.#most && this.#refuseOne());
      },
      isRead: () => {
        body.refuse = undefined;
      },
      close: () => this.#forget(body),
    };
  }

  /** False when everything that is held was read already: then only time helps. */
  #refuseOne(): boolean {
    const unread = [...this.#bodies].filter(({ refuse }) => refuse !== undefined);
    const sums = new Map<string, number>();
    for (const { holder, bytes } of this.#bodies) sums.set(holder, (sums.get(holder) ?? 0) + bytes);
    const most = Math.max(...unread.map(({ holder }) => sums.get(holder) ?? 0));
    const first = unread.find(({ holder }) => sums.get(holder) === most);
    if (first === undefined) return false;
    this.#forget(first);
    const { refuse } = first;
    first.refuse = undefined;
    refuse?.(new Failure('TOO_MANY_REQUESTS', { message, headers: { 'Retry-After': '2' } }));
    return true;
  }

  #forget(body: HeldBody): void {
    if (this.#bodies.delete(body)) this.#total -= body.bytes;
  }
}

const message = 'too much is being sent at once: send fewer at a time';

/** What the reader of a body tells. */
export interface HeldBodyRoom {
  /** So many bytes more are in memory. Of a body that was refused or closed they do not count. */
  add(bytes: number): void;
  /** All of it is there; from here on it is not refused any more. */
  isRead(): void;
  /** None of it is in memory any more. */
  close(): void;
}
