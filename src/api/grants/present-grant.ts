import type { Action } from '../../access/action.js';
import type { Subject } from '../../access/subject.js';
import type { Grant } from '../../permissions/grant.js';

export interface PresentedGrant {
  readonly id: number;
  readonly subject: Subject;
  readonly pattern: string;
  readonly actions: readonly Action[];
  readonly createdAt: Date;
}

export function presentGrant({ id, subject, pattern, actions, createdAt }: Grant): PresentedGrant {
  return { id, subject, pattern, actions, createdAt };
}
