import type { Narrowing } from '../access/policy.js';
import type { Principal } from '../access/principal.js';

/** Who wants something, and what their credential is narrowed to, if it is. */
export interface Asker {
  readonly principal: Principal;
  readonly narrowedTo?: readonly Narrowing[] | undefined;
}
