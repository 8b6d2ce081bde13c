export interface QueueLimits {
  /** Items of all keys that may wait. */
  readonly total: number;
  /** Items of one key; left out, one key alone may fill the queue. */
  readonly perKey?: number;
}

/**
 * Items wait by key and the keys take turns, so that whoever asks for much waits for themselves and not before others. When it is
 * full, the last of whoever has most waiting gives way, so that a crowd of one key keeps nobody else out.
 */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #waiting = new Map<string, Item[]>();
  #size = 0;

  constructor(private readonly limits: QueueLimits) {}

  get size(): number {
    return this.#size;
  }

  /** Gives back the item that found no room, which may be this one. */
  add(key: string, item: Item): Item | undefined {
    const own = this.#waiting.get(key) ?? [];
    if (own.length >= (this.limits.perKey ?? this.limits.total + 1)) return item;
    this.#waiting.set(key, own);
    own.push(item);
    this.#size++;
    return this.#size > this.limits.total ? this.#giveWay() : undefined;
  }

  /** The next item, of a key that `may` have its turn; undefined when there is none. */
  take(may: (key: string) => boolean = () => true): Item | undefined {
    for (const [key, items] of this.#waiting) {
      if (!may(key)) continue;
      const item = items.shift();
      this.#waiting.delete(key);
      if (items.length > 0) this.#waiting.set(key, items); // behind all others
      this.#size--;
      return item;
    }
    return undefined;
  }

  /** True when it was there. */
  remove(key: string, item: Item): boolean {
    const items = this.#waiting.get(key) ?? [];
    const at = items.indexOf(item);
    if (at < 0) return false;
    items.splice(at, 1);
    if (items.length === 0) this.#waiting.delete(key);
    this.#size--;
    return true;
  }

  /** Of several who have most it is the last in turn, so that those who waited longer stay. */
  #giveWay(): Item | undefined {
    let key = '';
    let most: Item[] = [];
    for (const [name, items] of this.#waiting) if (items.length >= most.length) [key, most] = [name, items];
    const item = most.pop();
    if (most.length === 0) this.#waiting.delete(key);
    this.#size--;
    return item;
  }
}
