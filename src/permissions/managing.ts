import type { Action } from '../access/action.js';
import { exactPattern, type Pattern, patternsIncluding } from '../access/pattern.js';
import { decide } from '../access/policy.js';
import { isAdministrator, type Principal } from '../access/principal.js';
import { Failure } from '../errors/failure.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Subjects } from '../users/subjects.store.js';
import type { Asker } from './asker.js';
import { type Grantee, type GrantFacts, granteeOf } from './grant-facts.store.js';

/** Patterns of somebody else's grants that are compared between two turns of the event loop. */
const patternsAtOnce = 256;

/**
 * What one asker may decide about, as the database is when it is asked and past everything remembered: for the transaction that
 * the answer allows. Every change that was committed before it began is seen, the asker's own account included.
 */
export class Managing {
  constructor(
    private readonly by: Asker,
    private readonly facts: GrantFacts,
    private readonly subjects: Subjects,
  ) {}

  /** Whether the asker may give others rights on all of this pattern. */
  async manages(pattern: Pattern): Promise<boolean> {
    return await this.#managesEach(await this.#principal(), [pattern]);
  }

  /** The asker; undefined while it is an administrator who may use all of that. */
  async limited(): Promise<Principal | undefined> {
    const principal = await this.#principal();
    const all = principal !== undefined && isAdministrator(principal) && this.by.narrowedTo === undefined;
    return all ? undefined : this.by.principal;
  }

  /** Throws DENIED. */
  async requireManaging(pattern: Pattern): Promise<void> {
    if (!(await this.manages(pattern))) throw new Failure('DENIED');
  }

  /** Whether the asker may do this to a repository, there or not, by more than its visibility. */
  async may(action: Action, name: RepositoryName): Promise<boolean> {
    const principal = await this.#principal();
    if (principal === undefined) return false;
    const grantee = granteeOf(principal);
    const patterns = patternsIncluding(exactPattern(name));
    const grants = grantee === undefined ? [] : await this.facts.about(grantee, patterns);
    return decide(principal, action, name, { visibility: undefined, grants, narrowedTo: this.by.narrowedTo }).allowed;
  }

  /** Throws DENIED. */
  async require(action: Action, name: RepositoryName): Promise<void> {
    if (!(await this.may(action, name))) throw new Failure('DENIED');
  }

  /**
   * Whether the asker manages everything that somebody else was granted, so that acting as them would add nothing to what the
   * asker can have anyway. Costs a turn of the event loop for every few hundred grants.
   */
  async managesAllOf(other: Grantee): Promise<boolean> {
    if ((await this.limited()) === undefined) return true;
    const principal = await this.#principal();
    for (let after = ''; ; ) {
      const some = await this.facts.patternsOf(other, after, patternsAtOnce);
      if (!(await this.#managesEach(principal, some))) return false;
      const last = some.at(-1);
      if (last === undefined || some.length < patternsAtOnce) return true;
      after = last;
      await new Promise(setImmediate);
    }
  }

  async #managesEach(principal: Principal | undefined, patterns: readonly Pattern[]): Promise<boolean> {
    if (principal === undefined) return false;
    const including = patterns.map(patternsIncluding);
    const grantee = granteeOf(principal);
    const grants = grantee === undefined ? [] : await this.facts.about(grantee, [...new Set(including.flat())]);
    return patterns.every((pattern, at) => {
      const wide = new Set(including[at]);
      const given = grants.filter((grant) => wide.has(grant.pattern));
      return decidesOn(principal, pattern, { grants: given, narrowedTo: this.by.narrowedTo });
    });
  }

  /** The asker as an account is now; undefined when it is gone or disabled. */
  async #principal(): Promise<Principal | undefined> {
    const { principal } = this.by;
    // The `berth` command on the spot is no account.
    if (principal.kind === 'anonymous' || principal.id === 0) return principal;
    const known = await this.subjects.findById(principal.kind, principal.id);
    if (known === undefined || !known.enabled) return undefined;
    return principal.kind === 'robot' ? principal : { ...principal, role: known.admin ? 'admin' : 'user' };
  }
}

/**
 * Whether the principal may decide who has rights on all of a pattern.
 * @param grants only those that include it
 */
function decidesOn(
  principal: Principal,
  pattern: Pattern,
  { grants, narrowedTo }: Pick<Parameters<typeof decide>[3], 'grants' | 'narrowedTo'>,
): boolean {
  const including = new Set(patternsIncluding(pattern));
  const scopes = narrowedTo?.filter((scope) => including.has(scope.pattern));
  // Each of these covers all of the pattern, so what holds for one name of it holds for every one.
  const example = parseRepositoryName(pattern.replace('*', 'example'));
  return decide(principal, 'manage', example, { visibility: undefined, grants, narrowedTo: scopes }).allowed;
}
