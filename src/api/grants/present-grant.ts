import type { Action } from '../../access/action.js';
import type { Grant } from '../../permissions/grant.js';

export interface PresentedGrant {
  readonly id: number;
  readonly subject: { readonly type: 'user'; readonly name: string };
  readonly pattern: string;
  readonly actions: readonly Action[];
  readonly createdAt: Date;
}

export function presentGrant({ id, username, pattern, actions, createdAt }: Grant): PresentedGrant {
  return { id, subject: { type: 'user', name: username }, pattern, actions, createdAt };
}
