import { type Action, actions } from '../../access/action.js';
import type { GrantFact } from '../../access/policy.js';
import type { Subject } from '../../access/subject.js';
import type { SubjectRights } from '../../permissions/rights.js';

export interface PresentedRights {
  readonly subject: Subject;
  /** A disabled account may do nothing until it is enabled. */
  readonly enabled: boolean;
  /** All that the subject may do here, by whatever rule. */
  readonly actions: readonly Action[];
  /** Where it comes from; `group` names the group of a user that was given it. */
  readonly grants: readonly GrantFact[];
}

export function presentRights({ subject, enabled, actions: explained, grants }: SubjectRights): PresentedRights {
  return { subject, enabled, actions: actions.filter((action) => explained[action].allowed), grants };
}
