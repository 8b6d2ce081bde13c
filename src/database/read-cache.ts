/**
 * Answers of the database, kept until something changes: at most `limit` of them, the oldest leaving first,
 * and never one that was read before the last change was announced.
 */
export class ReadCache<Key, Value> {
  readonly #kept = new Map<Key, Value>();
  #version = 0;

  constructor(private readonly limit: number) {}

  get(key: Key): Value | undefined {
    return this.#kept.get(key);
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
    this.#kept.delete(key);
  }

  clear(): void {
    this.#version++;
    this.#kept.clear();
  }

  #keep(key: Key, value: Value): void {
    if (this.#kept.size >= this.limit) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(key, value);
  }
}
