import type { Action } from '../access/action.js';
import { type Pattern, parsePattern } from '../access/pattern.js';
import { userIdOf } from '../access/principal.js';
import { requireThroughout } from '../audit/origin.js';
import type { Page } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { Grant } from './grant.js';
import type { GrantFilter, Grants, NewGrant } from './grants.js';
import type { Managing } from './managing.js';
import type { Asker } from './permissions.js';

/** What `Permissions` is asked here. */
interface AskPermissions {
  managesPattern(principal: Asker['principal'], pattern: Pattern, narrowedTo: Asker['narrowedTo']): Promise<boolean>;
  managing(by: Asker): Managing;
}

/**
 * The grants as one asker may use them: an administrator all, others those whose pattern lies inside what they manage, for whomever they
 * are. Nobody can give themselves or others anything outside of it, and a grant outside looks like one that does not exist.
 */
export class ManagedGrants {
  constructor(
    private readonly by: Asker,
    private readonly grants: Grants,
    private readonly permissions: AskPermissions,
  ) {}

  /** Throws DENIED, now and when a change that follows is made. */
  async requireManaging(pattern: Pattern): Promise<void> {
    await this.#require(pattern, 'DENIED');
  }

  /** Those of a repository or a pattern that is managed, or all. Throws DENIED. */
  async list(filter: GrantFilter): Promise<Page<Grant>> {
    await this.requireManaging(filter.pattern ?? parsePattern(filter.repository ?? '*'));
    return this.grants.list(filter);
  }

  /** Throws NOT_FOUND. */
  async get(id: number): Promise<Grant> {
    const grant = await this.grants.find(id);
    if (grant === undefined) throw new Failure('NOT_FOUND');
    await this.#require(grant.pattern, 'NOT_FOUND');
    return grant;
  }

  /** Throws DENIED and what {@link Grants.put} throws. */
  async put(grant: NewGrant): Promise<{ grant: Grant; created: boolean }> {
    await this.requireManaging(grant.pattern);
    const managing = this.permissions.managing(this.by);
    return this.grants.put(grant, userIdOf(this.by.principal), (pattern) => managing.requireManaging(pattern));
  }

  /** Throws NOT_FOUND, VALIDATION_FAILED. */
  async change(id: number, actions: readonly Action[]): Promise<Grant> {
    return this.grants.change((await this.get(id)).id, actions, (pattern) => this.#stillThere(pattern));
  }

  /** Throws NOT_FOUND. */
  async remove(id: number): Promise<void> {
    await this.grants.remove((await this.get(id)).id, (pattern) => this.#stillThere(pattern));
  }

  /** A grant may have followed its repository to a name that is not managed, or the right to manage it may be over. */
  async #stillThere(pattern: Pattern): Promise<void> {
    if (!(await this.permissions.managing(this.by).manages(pattern))) throw new Failure('NOT_FOUND');
  }

  async #require(pattern: Pattern, refusal: 'DENIED' | 'NOT_FOUND'): Promise<void> {
    await requireThroughout(async () => {
      const manages = await this.permissions.managesPattern(this.by.principal, pattern, this.by.narrowedTo);
      if (!manages) throw new Failure(refusal);
    });
  }
}
