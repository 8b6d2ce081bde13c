import type { Pattern } from '../access/pattern.js';
import { listOf } from '../database/dialect.js';
import type { Holder } from './grant-facts.store.js';
import { type NameRange, namesOfAny } from './name-range.js';

/** Names of the repositories that somebody was granted something on. They may be many, so they are put in order once and used many times. */
export class GrantedNames {
  /** The names that grants on more than one repository cover, in order and nothing twice. */
  readonly below: readonly NameRange[];
  #listed: string | undefined;

  /**
   * @param prefixes of grants on more than one repository
   * @param holders under whose names the others are
   */
  constructor(
    prefixes: readonly string[],
    readonly holders: readonly Holder[],
  ) {
    this.below = namesOfAny(prefixes.map((prefix) => `${prefix}*` as Pattern)); // as they were granted
  }

  /** `below` as a list for a query. */
  get listedBelow(): string {
    this.#listed ??= listOfRanges(this.below);
    return this.#listed;
  }
}

export function listOfRanges(ranges: readonly NameRange[]): string {
  return listOf(ranges.map(({ from, to }) => [from, to]));
}
