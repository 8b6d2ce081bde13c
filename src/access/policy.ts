import type { RepositoryName } from '../oci/repository-name.js';
import { type Action, actions, includes } from './action.js';
import { exactPattern, type Pattern, patternCovers, patternsIncluding } from './pattern.js';
import { isAdministrator, type Principal } from './principal.js';
import type { Visibility } from './visibility.js';

/** One grant of the principal. */
export interface GrantFact {
  readonly id: number;
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
  /** The group that was given it, when it is not the principal's own. */
  readonly group?: string;
}

/** What a credential may at most be used for; it never gives anything. */
export interface Narrowing {
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
}

/** All that a decision depends on beyond who asks. Grants that do not cover the repository change nothing. */
export interface Facts {
  /** Undefined when there is no such repository. */
  readonly visibility: Visibility | undefined;
  readonly grants: readonly GrantFact[];
  /** What the credential is narrowed to; undefined when it may be used for all that its owner may do. An empty list allows nothing. */
  readonly narrowedTo?: readonly Narrowing[] | undefined;
}

export type Reason =
  | { readonly rule: 'admin' }
  | { readonly rule: 'visibility'; readonly visibility: Visibility }
  /** `action` is what was granted: push, where pull was wanted. */
  | {
      readonly rule: 'grant';
      readonly grant: number;
      readonly pattern: Pattern;
      readonly action: Action;
      readonly group?: string;
    };

export interface Decision {
  readonly allowed: boolean;
  /** Every rule that allows it; empty when denied. */
  readonly reasons: readonly Reason[];
}

/** What would make a denied action allowed. The same for a repository that is hidden as for one that does not exist. */
export type Missing =
  | { readonly need: 'sign-in' }
  /** A grant of the action on one of these patterns, narrowest first. */
  | { readonly need: 'grant'; readonly action: Action; readonly patterns: readonly Pattern[] }
  /** The owner may, but not with this credential: its scopes would have to have the action on one of these patterns. */
  | { readonly need: 'token-scope'; readonly action: Action; readonly patterns: readonly Pattern[] };

export interface Explanation extends Decision {
  /** Absent when allowed. */
  readonly missing?: Missing;
}

const denied: Decision = { allowed: false, reasons: [] };

/**
 * The only place that decides who may do what. Pure: facts in, decision out, with the rules that decided it. No rule denies: what none allows
 * is refused, and so is what the credential was not made for.
 */
export function decide(principal: Principal, action: Action, repository: RepositoryName, facts: Facts): Decision {
  if (!isWideEnough(facts.narrowedTo, action, repository)) return denied;
  const reasons = [
    ...roleReasons(principal),
    ...visibilityReasons(principal, action, facts),
    ...grantReasons(principal, action, repository, facts),
  ];
  return { allowed: reasons.length > 0, reasons };
}

/** Every action that {@link decide} allows. */
export function decideAll(principal: Principal, repository: RepositoryName, facts: Facts): ReadonlySet<Action> {
  return new Set(actions.filter((action) => isAllowed(principal, action, repository, facts)));
}

/** The same as `decide(…).allowed`, without the reasons, which every request would have to pay for. */
function isAllowed(principal: Principal, action: Action, repository: RepositoryName, facts: Facts): boolean {
  return (
    isWideEnough(facts.narrowedTo, action, repository) &&
    (isAdministrator(principal) ||
      isOpen(principal, action, facts.visibility) ||
      (principal.kind !== 'anonymous' &&
        facts.grants.some((grant) => givenBy(grant, action, repository) !== undefined)))
  );
}

/** The decision for every action and what is missing where it is denied, to be shown to people. */
export function explain(principal: Principal, repository: RepositoryName, facts: Facts): Record<Action, Explanation> {
  const of = (action: Action): Explanation => {
    const decision = decide(principal, action, repository, facts);
    return decision.allowed ? decision : { ...decision, missing: missingFor(principal, action, repository, facts) };
  };
  return { pull: of('pull'), push: of('push'), delete: of('delete'), manage: of('manage') };
}

/** What a principal who is denied the action lacks. */
function missingFor(principal: Principal, action: Action, repository: RepositoryName, facts: Facts): Missing {
  const patterns = patternsIncluding(exactPattern(repository));
  if (facts.narrowedTo !== undefined) {
    const owner = { ...facts, narrowedTo: undefined };
    if (decide(principal, action, repository, owner).allowed) return { need: 'token-scope', action, patterns };
  }
  return principal.kind === 'anonymous' ? { need: 'sign-in' } : { need: 'grant', action, patterns };
}

function isWideEnough(narrowedTo: Facts['narrowedTo'], wanted: Action, repository: RepositoryName): boolean {
  return (
    narrowedTo === undefined ||
    narrowedTo.some(
      (scope) => scope.actions.some((action) => includes(action, wanted)) && patternCovers(scope.pattern, repository),
    )
  );
}

function isOpen(principal: Principal, action: Action, visibility: Facts['visibility']): visibility is Visibility {
  if (action !== 'pull') return false;
  return visibility === 'public' || (visibility === 'internal' && principal.kind !== 'anonymous');
}

/** What the grant has that includes the action, if it covers the repository. */
function givenBy(
  { pattern, actions: given }: GrantFact,
  wanted: Action,
  repository: RepositoryName,
): Action | undefined {
  if (!patternCovers(pattern, repository)) return undefined;
  return given.includes(wanted) ? wanted : given.find((granted) => includes(granted, wanted));
}

function roleReasons(principal: Principal): Reason[] {
  return isAdministrator(principal) ? [{ rule: 'admin' }] : [];
}

function visibilityReasons(principal: Principal, action: Action, { visibility }: Facts): Reason[] {
  return isOpen(principal, action, visibility) ? [{ rule: 'visibility', visibility }] : [];
}

function grantReasons(principal: Principal, wanted: Action, repository: RepositoryName, { grants }: Facts): Reason[] {
  if (principal.kind === 'anonymous') return [];
  return grants.flatMap((grant): Reason[] => {
    const action = givenBy(grant, wanted, repository);
    if (action === undefined) return [];
    const { id, pattern, group } = grant;
    return [{ rule: 'grant', grant: id, pattern, action, ...(group !== undefined && { group }) }];
  });
}
