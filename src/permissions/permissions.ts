import { type Action, actions } from '../access/action.js';
import { type Pattern, parsePattern, patternPrefix } from '../access/pattern.js';
import { type Decision, decide, explain, type Facts, type GrantFact } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import { type Page, pageOf } from '../database/page.js';
import { ReadCache } from '../database/read-cache.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { Repositories } from '../repositories/repositories.js';
import type { Repository } from '../repositories/repository.js';
import type { Users } from '../users/users.js';
import { patternsIncluding } from './grant.js';
import type { Grants } from './grants.js';
import type { VisibleRepositories } from './visible-repositories.js';

/** A repository somebody sees, with what they may do there. */
export interface VisibleRepository extends Repository {
  readonly actions: ReadonlySet<Action>;
}

export type RepositoryPage = Page<VisibleRepository>;

type Maybe<T> = T | Promise<T>;

/** Pairs of user and repository whose grants are remembered. */
const cacheLimit = 50_000;
const none: readonly GrantFact[] = [];

/**
 * Loads the facts and asks {@link decide}; nobody else does. What it remembers is only facts, and those go the moment a grant or an account
 * changes; visibility comes from Repositories, which remembers it the same way. So revoking takes effect on the next request.
 */
export class Permissions {
  readonly #grants = new ReadCache<string, readonly GrantFact[]>(cacheLimit);

  constructor(
    readonly grants: Grants,
    private readonly repositories: Repositories,
    private readonly visible: VisibleRepositories,
    users: Users,
  ) {
    grants.onChange(() => this.#grants.clear());
    users.onChange(() => this.#grants.clear());
  }

  /** Answers at once when the facts are remembered, as do the others that may. */
  allowedActions(principal: Principal, name: RepositoryName): Maybe<ReadonlySet<Action>> {
    return then(this.#facts(principal, name), (facts) => allowed(principal, name, facts));
  }

  allows(principal: Principal, action: Action, name: RepositoryName): Maybe<boolean> {
    return then(this.#facts(principal, name), (facts) => decide(principal, action, name, facts).allowed);
  }

  /** Every action with the rules that allow it. */
  async explain(principal: Principal, name: RepositoryName): Promise<Record<Action, Decision>> {
    return explain(principal, name, await this.#facts(principal, name));
  }

  /** Whether the principal may give others rights on all of this pattern. */
  async managesPattern(principal: Principal, pattern: Pattern): Promise<boolean> {
    const grants = await this.#grantsOn(principal, pattern);
    // Each of these grants covers all of the pattern, so what holds for one name of it holds for every one.
    const example = parseRepositoryName(pattern.replace('*', 'example'));
    return decide(principal, 'manage', example, { visibility: undefined, grants }).allowed;
  }

  /** How many repositories a pattern covers now. */
  async countMatching(pattern: Pattern): Promise<number> {
    const prefix = patternPrefix(pattern);
    if (prefix !== undefined) return this.visible.countBelow(prefix);
    return (await this.repositories.find(parseRepositoryName(pattern))) === undefined ? 0 : 1;
  }

  /** The repositories the principal may pull, by name in byte order, behind `after`; `q` is searched in the name. */
  async listVisible(
    principal: Principal,
    { limit, after = '', q = '' }: { limit: number; after?: string; q?: string },
  ): Promise<RepositoryPage> {
    const wildcards = principal.kind === 'user' ? await this.grants.wildcardFacts(principal.id) : none;
    const found = await this.visible.page(principal, wildcards, { limit: limit + 1, after, q });
    const page = pageOf(found, limit, ({ name }) => name);
    const grants = await this.#grantsOnAny(principal, page.items);
    const items = page.items
      .map((repository) => {
        const facts = { visibility: repository.visibility, grants: grants(repository.name) };
        return { ...repository, actions: allowed(principal, repository.name, facts) };
      })
      .filter((repository) => repository.actions.has('pull'));
    return { ...page, items };
  }

  #facts(principal: Principal, name: RepositoryName): Maybe<Facts> {
    const repository = this.repositories.find(name);
    const grants = this.#grantsOn(principal, parsePattern(name));
    if (!(repository instanceof Promise) && !(grants instanceof Promise))
      return { visibility: repository?.visibility, grants };
    return Promise.all([repository, grants]).then(([found, list]) => ({ visibility: found?.visibility, grants: list }));
  }

  #grantsOn(principal: Principal, pattern: Pattern): Maybe<readonly GrantFact[]> {
    if (!needsGrants(principal)) return none;
    const key = `${principal.id} ${pattern}`;
    const read = () => this.grants.factsAbout(principal.id, patternsIncluding(pattern));
    return this.#grants.get(key) ?? this.#grants.fill(key, read);
  }

  /** One query for a page, whatever its length. */
  async #grantsOnAny(
    principal: Principal,
    page: readonly Repository[],
  ): Promise<(name: RepositoryName) => readonly GrantFact[]> {
    if (!needsGrants(principal)) return () => none;
    const including = new Map(page.map(({ name }) => [name, patternsIncluding(parsePattern(name))]));
    const facts = await this.grants.factsAbout(principal.id, [...new Set([...including.values()].flat())]);
    const byPattern = new Map(facts.map((fact) => [fact.pattern, fact]));
    return (name) => (including.get(name) ?? []).flatMap((pattern) => byPattern.get(pattern) ?? []);
  }
}

type UserPrincipal = Extract<Principal, { kind: 'user' }>;

/** Grants are only asked for where they can change the answer. */
function needsGrants(principal: Principal): principal is UserPrincipal {
  return principal.kind === 'user' && principal.role !== 'admin';
}

function allowed(principal: Principal, name: RepositoryName, facts: Facts): ReadonlySet<Action> {
  return new Set(actions.filter((action) => decide(principal, action, name, facts).allowed));
}

function then<T, R>(value: Maybe<T>, next: (value: T) => R): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
