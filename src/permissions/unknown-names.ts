import { FailedTries } from '../access/failed-tries.js';
import type { Principal } from '../access/principal.js';

/** Names of accounts that are none, within an hour, before nothing more is said. */
const failures = 20;
const windowMs = 3_600_000;
/** Askers that are remembered. */
const remembered = 10_000;

/**
 * Keeps those who may grant from trying which accounts there are: whoever named twenty that are none within an hour may name nobody
 * until it is over, be there such an account or not.
 */
export class UnknownNames {
  readonly #tries: FailedTries;

  constructor() {
    this.#tries = new FailedTries({ failures, windowMs, remembered });
  }

  /** Throws TOO_MANY_REQUESTS with `Retry-After` in seconds. To be asked before a name is looked up. */
  check(asker: Principal): void {
    this.#tries.check(keyOf(asker), `${failures} accounts that you named do not exist`);
  }

  missed(asker: Principal): void {
    this.#tries.add(keyOf(asker));
  }
}

/** Robots below one first part of a name are one asker: whoever may make one may make a hundred. */
function keyOf(asker: Principal): string {
  if (asker.kind === 'anonymous') return '';
  return asker.kind === 'user' ? `user ${asker.id}` : `robots ${asker.name.split(/[/+]/, 1)[0]}`;
}
