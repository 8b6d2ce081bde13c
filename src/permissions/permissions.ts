import type { Action } from '../access/action.js';
import { exactPattern, type Pattern, parsePattern, patternsIncluding } from '../access/pattern.js';
import { decideAll, type Explanation, explain, type Facts, type GrantFact } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import { type Subject, type SubjectType, subjectTypes } from '../access/subject.js';
import type { MaybeAsync } from '../async/maybe-async.js';
import type { Changes } from '../changes/changes.js';
import type { Database, Selection } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import type { RepositoryName } from '../oci/repository-name.js';
import type { Repositories } from '../repositories/repositories.js';
import type { Repository } from '../repositories/repository.js';
import type { AccountEnd } from '../users/account-end.js';
import { Subjects } from '../users/subjects.store.js';
import type { Asker } from './asker.js';
import { type Grantee, GrantFacts, granteeOf } from './grant-facts.store.js';
import { GrantedNames } from './granted-names.js';
import { Grants } from './grants.js';
import { GrantStore } from './grants.store.js';
import type { PatternPreview } from './managed-grants.js';
import { Managing } from './managing.js';
import { type NameRange, namesOf, namesOfAny } from './name-range.js';
import { RememberedFacts } from './remembered-facts.js';
import { type EndingRights, Rights, type RightsPage, type SubjectRights, type Telling } from './rights.js';
import {
  placeOfRepository,
  type RepositorySort,
  selectVisible,
  VisibleRepositories,
} from './visible-repositories.store.js';

/** A repository somebody sees, with what they may do there. */
export interface VisibleRepository extends Repository {
  readonly actions: ReadonlySet<Action>;
}

export interface VisibleQuery {
  readonly limit: number;
  /** The `nextCursor` of the page before in the same order; by name, any text. */
  readonly after?: string | undefined;
  readonly q?: string | undefined;
  readonly sort?: RepositorySort | undefined;
  readonly narrowedTo?: Narrowed | undefined;
  /** Whose turn a search is. */
  readonly by?: Seeker | undefined;
}

export type RepositoryPage = Page<VisibleRepository>;

/** Accounts, groups or robots: with them go their grants. */
export interface Ending {
  onRemove(end: AccountEnd): void;
}

type Narrowed = Facts['narrowedTo'];

interface FoundFacts extends Facts {
  /** Whether the repository was known without asking the database. */
  readonly remembered: boolean;
}

const none: readonly GrantFact[] = [];
const nothing = new GrantedNames([], []);

/**
 * Loads the facts and asks the policy; nobody else does. What it remembers is only facts, and those go the moment a grant, a group or an
 * account changes; visibility comes from Repositories, which remembers it the same way. So revoking takes effect on the next request.
 */
export class Permissions {
  readonly grants: Grants;
  readonly #subjects: Subjects;
  readonly #rights: Rights;
  readonly #facts: GrantFacts;
  readonly #visible: VisibleRepositories;
  readonly #known: RememberedFacts;

  constructor(
    database: Database,
    changes: Changes,
    private readonly repositories: Repositories,
    accounts: Readonly<Record<SubjectType, Ending>>,
  ) {
    this.#subjects = new Subjects(database);
    const store = new GrantStore(database);
    this.grants = new Grants(database, changes, store, this.#subjects);
    this.#facts = new GrantFacts(database, this.#subjects);
    this.#known = new RememberedFacts(this.#facts, changes);
    this.#rights = new Rights(store, this.#subjects, this.#facts);
    this.#visible = new VisibleRepositories(database);
    for (const type of subjectTypes) {
      accounts[type].onRemove((tx, { id }) => this.grants.endOf(tx, type, id));
    }
    repositories.onRename((tx, from, to) => this.grants.follow(tx, from, to));
    repositories.onRemove((tx, name) => this.grants.end(tx, name));
  }

  /** Returns immediately if the facts are remembered and the asker may pull. Without `narrowedTo`, all that the principal may. */
  allowedActions(principal: Principal, name: RepositoryName, narrowedTo?: Narrowed): MaybeAsync<ReadonlySet<Action>> {
    const facts = this.#factsOn(principal, name, narrowedTo);
    if (facts instanceof Promise) return facts.then((known) => this.#allowed(principal, name, known));
    return this.#allowed(principal, name, facts);
  }

  /** Every action with the rules that allow it, or what is missing. */
  async explain(
    principal: Principal,
    name: RepositoryName,
    narrowedTo?: Narrowed,
  ): Promise<Record<Action, Explanation>> {
    const facts = await this.#factsOn(principal, name, narrowedTo);
    const explained = explain(principal, name, facts);
    return explained.pull.allowed ? explained : this.#asSlowly(facts, explained);
  }

  /** What the asker may decide about as of now: for transactions that depend on it. */
  managing(by: Asker): Managing {
    return new Managing(by, this.#facts, this.#subjects);
  }

  /** A pattern of many repositories on which the principal may do this, now and to new ones; undefined when there is none. */
  async findWildcard(principal: Principal, action: Action): Promise<Pattern | undefined> {
    const grantee = granteeOf(principal);
    if (grantee === undefined) return principal.kind === 'anonymous' ? undefined : parsePattern('*');
    return await this.#facts.findWildcard(grantee, action);
  }

  /** How many repositories a pattern covers now. */
  countMatching(pattern: Pattern): Promise<number> {
    return this.#visible.count(namesOf(pattern));
  }

  /** What a pattern covers now: how many repositories, and the first of them. For those who manage it, who may see them all. */
  async preview(pattern: Pattern, limit: number): Promise<PatternPreview> {
    const [count, first] = await Promise.all([
      this.countMatching(pattern),
      this.#visible.namesIn(namesOf(pattern), limit),
    ]);
    return { count, names: first.map(({ name }) => name) };
  }

  /** Everybody whom a grant gives something on a repository; see {@link Rights.on}. */
  async rightsOn(name: RepositoryName, page: RightsPage, by: Asker): Promise<Page<SubjectRights>> {
    const visibility = (await this.repositories.find(name))?.visibility;
    return this.#rights.on(name, visibility, { ...page, ...(await this.#telling(by)) });
  }

  /** Everybody whom a grant on exactly this name gives something, with what ends when the repository is removed; see {@link Rights.ending}. */
  async rightsEndingWith(name: RepositoryName, page: RightsPage, by: Asker): Promise<Page<EndingRights>> {
    return this.#rights.ending(name, { ...page, ...(await this.#telling(by)) });
  }

  /** What one subject may do there, by its own grants and its groups'; see {@link Rights.ofOne}. */
  async rightsOfOne(subject: Subject, name: RepositoryName, by: Asker): Promise<SubjectRights> {
    const visibility = (await this.repositories.find(name))?.visibility;
    return this.#rights.ofOne(subject, name, visibility, await this.#telling(by));
  }

  /** All grants of a subject and of the groups of a user; see {@link Rights.of}. */
  rightsOf(...asked: Parameters<Rights['of']>): ReturnType<Rights['of']> {
    return this.#rights.of(...asked);
  }

  /**
   * The repositories the principal may pull, behind `after`; `q` is searched in the name. By name and without a search, a page costs
   * the same wherever it begins. Throws VALIDATION_FAILED for an `after` of another order.
   */
  async listVisible(
    principal: Principal,
    { limit, after, q = '', sort = 'name', narrowedTo, by }: VisibleQuery,
  ): Promise<RepositoryPage> {
    const grantee = granteeOf(principal);
    const [granted, within] = [await this.#grantedTo(grantee), rangesOf(narrowedTo)];
    const more = limit + 1;
    const found =
      q === '' && sort === 'name'
        ? await this.#visible.page(principal, granted, { limit: more, after: after ?? '', within })
        : await this.#visible.search(selectVisible(principal, granted, within), { limit: more, after, q, sort, by });
    const page = pageOf(found, limit, (repository) => placeOfRepository(sort, repository));
    const grants = await this.#grantsOnAny(grantee, page.items);
    const items = page.items
      .map((repository) => {
        const facts = { visibility: repository.visibility, grants: grants(repository.name), narrowedTo };
        return { ...repository, actions: decideAll(principal, repository.name, facts) };
      })
      .filter((repository) => repository.actions.has('pull'));
    return { ...page, items };
  }

  /** How many repositories the asker may pull whose name has the text in it. */
  async countVisible(asker: Asker, q = '', by?: Seeker): Promise<number> {
    return this.#visible.countIn(await this.selectVisible(asker), q, by);
  }

  /** All repositories the asker may pull, to be counted in `Database.search`: a query with the columns `id`, `name` and `created_at`. */
  async selectVisible({ principal, narrowedTo }: Asker): Promise<Selection> {
    return selectVisible(principal, await this.#grantedTo(granteeOf(principal)), rangesOf(narrowedTo));
  }

  /** The same text as long as the asker may pull the same repositories: what is remembered of them is good under it. */
  async identifyVisible(visible: Selection, by?: Seeker): Promise<string> {
    return this.#visible.identify(visible, by);
  }

  async #telling(by: Asker): Promise<Telling> {
    return { toAdministrator: (await this.managing(by).limited()) === undefined };
  }

  async #grantedTo(grantee: Grantee | undefined): Promise<GrantedNames> {
    return grantee === undefined ? nothing : await this.#known.grantedTo(grantee);
  }

  #factsOn(principal: Principal, name: RepositoryName, narrowedTo: Narrowed): MaybeAsync<FoundFacts> {
    const repository = this.repositories.find(name);
    const grants = this.#grantsOn(principal, exactPattern(name));
    const remembered = !(repository instanceof Promise);
    if (!(repository instanceof Promise) && !(grants instanceof Promise))
      return { visibility: repository?.visibility, grants, narrowedTo, remembered };
    return Promise.all([repository, grants]).then(([found, list]) => ({
      visibility: found?.visibility,
      grants: list,
      narrowedTo,
      remembered,
    }));
  }

  #allowed(principal: Principal, name: RepositoryName, facts: FoundFacts): MaybeAsync<ReadonlySet<Action>> {
    const allowed = decideAll(principal, name, facts);
    return allowed.has('pull') ? allowed : this.#asSlowly(facts, allowed);
  }

  /**
   * What somebody is answered who may not see a repository. A name that is nobody's is searched each time, so it is also where
   * a hidden one was remembered: how long the answer takes does not tell one from the other.
   */
  #asSlowly<T>({ remembered }: FoundFacts, answer: T): MaybeAsync<T> {
    return remembered ? this.repositories.searchInVain().then(() => answer) : answer;
  }

  #grantsOn(principal: Principal, pattern: Pattern): MaybeAsync<readonly GrantFact[]> {
    const grantee = granteeOf(principal);
    if (grantee === undefined) return none;
    return this.#known.including(grantee, pattern);
  }

  /** One query for a page, whatever its length. */
  async #grantsOnAny(
    grantee: Grantee | undefined,
    page: readonly Repository[],
  ): Promise<(name: RepositoryName) => readonly GrantFact[]> {
    if (grantee === undefined) return () => none;
    const including = new Map(page.map(({ name }) => [name, patternsIncluding(exactPattern(name))]));
    const facts = await this.#facts.about(grantee, [...new Set([...including.values()].flat())]);
    const byPattern = new Map<Pattern, GrantFact[]>();
    for (const fact of facts) byPattern.set(fact.pattern, [...(byPattern.get(fact.pattern) ?? []), fact]);
    return (name) => (including.get(name) ?? []).flatMap((pattern) => byPattern.get(pattern) ?? []);
  }
}

/** Whatever a scope allows, it allows to pull. */
function rangesOf(narrowedTo: Narrowed): NameRange[] | undefined {
  const useful = narrowedTo?.filter((scope) => scope.actions.length > 0);
  return useful && namesOfAny(useful.map(({ pattern }) => pattern));
}
