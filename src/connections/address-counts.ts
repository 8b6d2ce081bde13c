import { addressGroup } from '../access/address-group.js';

/** How many of something each client address has at present; an IPv6 /64 is one address. */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Counts one more and answers how to give it back, once; undefined when the address has as many as it may. */
  take(address: string): (() => void) | undefined {
    const group = addressGroup(address);
    const count = this.#counts.get(group) ?? 0;
    if (count >= this.most) return undefined;
    this.#counts.set(group, count + 1);
    return () => this.#give(group);
  }

  #give(group: string): void {
    const left = (this.#counts.get(group) ?? 1) - 1;
    if (left > 0) this.#counts.set(group, left);
    else this.#counts.delete(group);
  }
}
