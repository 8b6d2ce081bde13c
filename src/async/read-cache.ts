import { ownText } from '../text/own-text.js';

/**
 * Answers of the database, kept until something changes and never one that was read before the last change was announced.
 * What is in use stays: entries live in two generations, each of half the limit, a hit in the older one moves to the younger,
 * and a full younger one pushes the older out whole. A hit is one look-up and evicting costs nothing per entry.
 */
export class ReadCache<Key, Value> {
  readonly #limit: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  #weight = 0;
  #version = 0;

  /** `limit` is in what `weigh` counts: entries, unless it is given. */
  constructor(
    limit: number,
    private readonly weigh: (value: Value) => number = () => 1,
  ) {
    this.#limit = limit / 2;
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  /** Reads and keeps; what a change overtook while it was read is given to the caller but not kept, and so is `undefined`. */
  async fill(key: Key, read: () => Promise<Value>): Promise<Value> {
    const version = this.#version;
    const value = await read();
    if (version === this.#version && value !== undefined) this.#keep(key, value);
    return value;
  }

  delete(key: Key): void {
    this.#version++;
    this.#drop(key);
  }

  clear(): void {
    this.#version++;
    this.#young.clear();
    this.#old.clear();
    this.#weight = 0;
  }

  #keep(key: Key, value: Value): void {
    this.#drop(key);
    const weight = this.weigh(value);
    if (this.#weight + weight > this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(own(key), value);
    this.#weight += weight;
  }

  #drop(key: Key): void {
    const young = this.#young.get(key);
    if (young !== undefined) this.#weight -= this.weigh(young);
    this.#young.delete(key);
    this.#old.delete(key);
  }
}

/** A name is a piece of the request that said it, which it would keep. */
function own<Key>(key: Key): Key {
  return typeof key === 'string' ? (ownText(key) as Key & string) : key;
}
