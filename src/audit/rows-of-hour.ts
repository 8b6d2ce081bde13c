import { addressGroup } from '../access/address-group.js';
import { ownText } from '../text/own-text.js';
import type { NewEvent } from './new-event.js';

/** Stands in a row for everything that has no row of its own. No name, tag or address is written so. */
export const several = '*';

/** Rows of one actor from one address (a /64 for IPv6) in an hour, of one action. */
const mostOfAddress = 20;
/** Addresses of one actor that have rows of their own, likewise. */
const mostAddresses = 100;
/** Rows of all actors beyond those that everybody has for certain, likewise. */
const mostOfAll = 2000;
/** Rows that an actor has, whatever others do. */
const certain = 20;

interface Known {
  /** What has a row, by address group. */
  readonly addresses: Map<string, Set<string>>;
  rows: number;
}

/**
 * How many rows there may be of what is counted by the hour, so that nobody fills the table with names or addresses that they make up,
 * and nobody's rows depend on what others do. What finds no room is counted in one row for the rest from that address; and where
 * there are too many addresses, in one for the rest of the actor. Nothing is lost but the names.
 */
export class RowsOfHour {
  #hour = 0;
  #known = new Map<string, Known>();
  #rows = 0;

  /** The event itself, or the one that is counted in its stead. */
  place(event: NewEvent, hour: number): NewEvent {
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#known = new Map();
      this.#rows = 0;
    }
    const key = `${event.action} ${whoseRows(event)}`;
    const known = this.#known.get(key) ?? { addresses: new Map(), rows: 0 };
    this.#known.set(key, known);
    const full = known.rows >= certain && this.#rows >= mostOfAll;
    const group = addressGroup(event.address);
    const names = known.addresses.get(group) ?? new Set();
    const name = `${event.resource}\n${event.reference}\n${event.address}`;
    if (names.has(name)) return event;
    if (!known.addresses.has(group)) {
      if (full || known.addresses.size >= mostAddresses) return theRest(event, several);
      known.addresses.set(group, names);
    }
    if (full || names.size >= mostOfAddress) return theRest(event, group);
    names.add(ownText(name)); // for an hour, and the request it is a piece of is over
    known.rows++;
    this.#rows++;
    return event;
  }
}

/**
 * The actor; of those who failed to sign in, the account they tried, which there is (see auth/sign-in-record.ts): whoever guesses at
 * many accounts must not hide that somebody guesses at one.
 */
function whoseRows({ action, actor, resource }: NewEvent): string {
  return action === 'sign-in-failed' && resource !== '' ? resource : actor;
}

/** Of what is said in the row only what holds for all that is counted there. */
export function theRest(event: NewEvent, address: string): NewEvent {
  const kept = event.resource === whoseRows(event) ? event.resource : several;
  const nothing = { reference: several, userAgent: '', requestId: '', detail: '{}', repository: undefined };
  return { ...event, ...nothing, resource: kept, address };
}
