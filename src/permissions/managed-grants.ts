import type { Action } from '../access/action.js';
import { exactPattern, type Pattern, parsePattern } from '../access/pattern.js';
import type { Explanation } from '../access/policy.js';
import { userIdOf } from '../access/principal.js';
import type { Subject } from '../access/subject.js';
import type { Condition } from '../database/condition.js';
import type { Page } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { RepositoryName } from '../oci/repository-name.js';
import type { Asker } from './asker.js';
import type { Grant } from './grant.js';
import type { GrantFilter, Grants, NewGrant } from './grants.js';
import type { Managing } from './managing.js';
import type { SubjectRights } from './rights.js';
import type { UnknownNames } from './unknown-names.js';

/** What `Permissions` is asked here. */
interface AskPermissions {
  explain(
    principal: Asker['principal'],
    name: RepositoryName,
    narrowedTo: Asker['narrowedTo'],
  ): Promise<Record<Action, Explanation>>;
  preview(pattern: Pattern, limit: number): Promise<PatternPreview>;
  rightsOfOne(subject: Subject, name: RepositoryName, by: Asker): Promise<SubjectRights>;
}

/** What a pattern covers today: how many repositories, and the first of their names. */
export interface PatternPreview {
  readonly count: number;
  readonly names: readonly RepositoryName[];
}

/** What a subject may do to a repository and which rules say so, or what is missing. */
export interface Decisions {
  readonly subject: Subject;
  readonly actions: Readonly<Record<Action, Explanation>>;
}

/**
 * The grants as one asker may use them: an administrator all, others those whose pattern lies inside what they manage, for whomever they
 * are. Nobody can give themselves or others anything outside of it, and a grant outside looks like one that does not exist.
 */
export class ManagedGrants {
  constructor(
    private readonly by: Asker,
    private readonly managing: Managing,
    private readonly grants: Grants,
    private readonly permissions: AskPermissions,
    private readonly unknownNames: UnknownNames,
  ) {}

  /** Those of a repository or a pattern that is managed, or all. Throws DENIED. */
  async list(filter: GrantFilter): Promise<Page<Grant>> {
    await this.managing.requireManaging(filter.pattern ?? parsePattern(filter.repository ?? '*'));
    return this.grants.list(filter);
  }

  /** The asker's own, which need no right; those of their groups are not among them. */
  async own(place: Pick<GrantFilter, 'limit' | 'cursor'>): Promise<Page<Grant>> {
    return this.grants.list({ ...place, subject: this.#self() });
  }

  /** Throws DENIED. */
  async preview(pattern: Pattern, limit: number): Promise<PatternPreview> {
    await this.managing.requireManaging(pattern);
    return this.permissions.preview(pattern, limit);
  }

  /** Throws NOT_FOUND. */
  async get(id: number): Promise<Grant> {
    const grant = await this.grants.find(id);
    if (grant === undefined) throw new Failure('NOT_FOUND');
    await this.#requireSeen(grant);
    return grant;
  }

  /** Throws DENIED, what {@link Grants.put} throws, and TOO_MANY_REQUESTS to whoever is no administrator and only tries names. */
  async put(grant: NewGrant): Promise<{ grant: Grant; created: boolean }> {
    await this.managing.requireManaging(grant.pattern); // whoever may not at all takes no turn among the changes
    const { principal } = this.by;
    const limited = () => this.managing.limited();
    return this.grants.put(grant, userIdOf(principal), {
      guard: async (pattern) => {
        await this.managing.requireManaging(pattern);
        if ((await limited()) !== undefined) this.unknownNames.check(principal);
      },
      limited,
      unknown: () => this.unknownNames.missed(principal),
    });
  }

  /** Throws NOT_FOUND, VALIDATION_FAILED, and what the condition throws. */
  async change(id: number, actions: readonly Action[], condition?: Condition<Grant>): Promise<Grant> {
    return this.grants.change((await this.get(id)).id, actions, this.#guard(condition));
  }

  /** Throws NOT_FOUND, and what the condition throws. */
  async remove(id: number, condition?: Condition<Grant>): Promise<void> {
    await this.grants.remove((await this.get(id)).id, this.#guard(condition));
  }

  /**
   * What the subject, or else the asker, may do to a repository. Asking about oneself takes no right and tells nothing of whether it
   * exists; for others see {@link explain}. Throws what that throws.
   */
  async decisions(wanted: Subject | undefined, repository: RepositoryName): Promise<Decisions> {
    const self = this.#self();
    const subject = wanted ?? self;
    const { principal, narrowedTo } = this.by;
    const oneself = subject.type === self.type && subject.name === self.name;
    const actions = oneself
      ? await this.permissions.explain(principal, repository, narrowedTo)
      : (await this.explain(subject, repository)).actions;
    return { subject, actions };
  }

  /**
   * What somebody may do to a repository that the asker manages, by its visibility and by grants. Who is no administrator does not
   * learn from it whether there is such an account, whether it is an administrator's, or disabled without a grant here.
   * Throws DENIED, and NOT_FOUND to an administrator who names nobody.
   */
  async explain(subject: Subject, repository: RepositoryName): Promise<SubjectRights> {
    await this.managing.requireManaging(exactPattern(repository));
    return this.permissions.rightsOfOne(subject, repository, this.by);
  }

  /** Throws UNAUTHORIZED for nobody. */
  #self(): Subject {
    const { principal } = this.by;
    if (principal.kind === 'anonymous') throw new Failure('UNAUTHORIZED');
    return { type: principal.kind, name: principal.name };
  }

  #guard(condition: Condition<Grant> | undefined): Condition<Grant> {
    return async (grant) => {
      await this.#requireSeen(grant);
      await condition?.(grant);
    };
  }

  /** Asked again in the transaction of a change: a grant may have followed its repository to a name that is not managed. Throws NOT_FOUND. */
  async #requireSeen({ pattern }: Grant): Promise<void> {
    if (!(await this.managing.manages(pattern))) throw new Failure('NOT_FOUND');
  }
}
