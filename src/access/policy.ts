import type { RepositoryName } from '../oci/repository-name.js';
import { type Action, includes } from './action.js';
import { type Pattern, patternCovers } from './pattern.js';
import type { Principal } from './principal.js';
import type { Visibility } from './visibility.js';

/** One grant of the principal. */
export interface GrantFact {
  readonly id: number;
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
}

/** All that a decision depends on beyond who asks. Grants that do not cover the repository change nothing. */
export interface Facts {
  /** Undefined when there is no such repository. */
  readonly visibility: Visibility | undefined;
  readonly grants: readonly GrantFact[];
}

export type Reason =
  | { readonly rule: 'admin' }
  | { readonly rule: 'visibility'; readonly visibility: Visibility }
  /** `action` is what was granted: push, where pull was wanted. */
  | { readonly rule: 'grant'; readonly grant: number; readonly pattern: Pattern; readonly action: Action };

export interface Decision {
  readonly allowed: boolean;
  /** Every rule that allows it; empty when denied. */
  readonly reasons: readonly Reason[];
}

/** The only place that decides who may do what. Pure: facts in, decision out, with the rules that decided it. Nothing denies: what no rule allows is refused. */
export function decide(principal: Principal, action: Action, repository: RepositoryName, facts: Facts): Decision {
  const reasons = [
    ...roleReasons(principal),
    ...visibilityReasons(principal, action, facts),
    ...grantReasons(principal, action, repository, facts),
  ];
  return { allowed: reasons.length > 0, reasons };
}

/** The decision for every action, to be shown to people. */
export function explain(principal: Principal, repository: RepositoryName, facts: Facts): Record<Action, Decision> {
  return {
    pull: decide(principal, 'pull', repository, facts),
    push: decide(principal, 'push', repository, facts),
    delete: decide(principal, 'delete', repository, facts),
    manage: decide(principal, 'manage', repository, facts),
  };
}

function roleReasons(principal: Principal): Reason[] {
  return principal.kind === 'user' && principal.role === 'admin' ? [{ rule: 'admin' }] : [];
}

function visibilityReasons(principal: Principal, action: Action, { visibility }: Facts): Reason[] {
  if (action !== 'pull') return [];
  const open = visibility === 'public' || (visibility === 'internal' && principal.kind !== 'anonymous');
  return open ? [{ rule: 'visibility', visibility }] : [];
}

function grantReasons(principal: Principal, wanted: Action, repository: RepositoryName, { grants }: Facts): Reason[] {
  if (principal.kind === 'anonymous') return [];
  return grants.flatMap(({ id, pattern, actions }): Reason[] => {
    const action = actions.includes(wanted) ? wanted : actions.find((granted) => includes(granted, wanted));
    if (action === undefined || !patternCovers(pattern, repository)) return [];
    return [{ rule: 'grant', grant: id, pattern, action }];
  });
}
