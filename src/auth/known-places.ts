import { addressGroup } from '../access/address-group.js';
import { ownText } from '../text/own-text.js';

/** Places remembered of an account, those it used last: home, work, a few on the way. */
const placesOfAccount = 16;
/** Accounts remembered, those that signed in last. */
const limit = 10_000;

/**
 * From where accounts signed in since the start. Only a right password puts a place here, and it counts only for the same account from
 * the same address (a /64), so strangers neither get in among those who are known nor learn by it who exists.
 */
export class KnownPlaces {
  readonly #places = new Map<string, Set<string>>();

  add(username: string, address: string): void {
    const places = this.#places.get(username) ?? new Set();
    this.#places.delete(username);
    this.#places.set(ownText(username), places);
    moveToEnd(places, addressGroup(address), placesOfAccount);
    if (this.#places.size > limit) for (const oldest of this.#places.keys()) return void this.#places.delete(oldest);
  }

  has(username: string, address: string): boolean {
    return this.#places.get(username)?.has(addressGroup(address)) ?? false;
  }
}

function moveToEnd(places: Set<string>, place: string, most: number): void {
  places.delete(place);
  places.add(place);
  if (places.size > most) for (const oldest of places) return void places.delete(oldest);
}
