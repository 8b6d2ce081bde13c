export interface QueueLimits {
  /** Items of one key that may wait. */
  readonly perKey: number;
  /** Items of all keys together. */
  readonly total: number;
}

/** Items wait by key and the keys take turns, so that whoever asks for much waits for themselves and not before others. */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #waiting = new Map<string, Item[]>();
  #size = 0;

  constructor(private readonly limits: QueueLimits) {}

  get size(): number {
    return this.#size;
  }

  /** Gives back the item that found no room: this one, or the last of the key that has most waiting when others fill the queue. */
  add(key: string, item: Item): Item | undefined {
    const own = this.#waiting.get(key) ?? [];
    if (own.length >= this.limits.perKey) return item;
    this.#waiting.set(key, own);
    own.push(item);
    this.#size++;
    return this.#size > this.limits.total ? this.#dropFromLongest() : undefined;
  }

  /** The next item, of a key that `may` have its turn; undefined when there is none. */
  take(may: (key: string) => boolean): Item | undefined {
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

  #dropFromLongest(): Item | undefined {
    let longest: readonly [string, Item[]] | undefined;
    for (const entry of this.#waiting) if (entry[1].length > (longest?.[1].length ?? 0)) longest = entry;
    const item = longest?.[1].at(-1);
    if (longest !== undefined && item !== undefined) this.remove(longest[0], item);
    return item;
  }
}
