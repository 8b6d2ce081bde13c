import type { Action } from '../access/action.js';
import { exactPattern, type Pattern, patternsIncluding } from '../access/pattern.js';
import { decideAll, type Explanation, explain, type GrantFact } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import { type Subject, type SubjectType, subjectTypes } from '../access/subject.js';
import type { Visibility } from '../access/visibility.js';
import { type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type KnownSubject, type Subjects, unknownSubject } from '../users/subjects.store.js';
import { type Grant, type GrantRow, toGrant } from './grant.js';
import type { GrantFacts } from './grant-facts.store.js';
import type { GrantStore } from './grants.store.js';

/** What one subject may do to a repository, and which rules say so. */
export interface SubjectRights {
  readonly subject: Subject;
  /** A disabled account may nothing until it is enabled; the rights are those it has then. */
  readonly enabled: boolean;
  /** The grants that have an effect on the repository, a user's groups' included. */
  readonly grants: readonly GrantFact[];
  readonly actions: Readonly<Record<Action, Explanation>>;
}

/** What a subject loses when a repository is removed and its name made anew. */
export interface EndingRights {
  readonly subject: Subject;
  readonly enabled: boolean;
  /** What only grants on exactly this name allow. */
  readonly loses: readonly Action[];
  /** Whether they may push to the name afterwards, which makes it anew. */
  readonly mayMakeAnew: boolean;
}

/** To whom something is told about somebody else: only administrators learn who is one. */
export interface Telling {
  readonly toAdministrator: boolean;
}

export interface RightsPage {
  readonly limit: number;
  readonly cursor?: string;
}

/** Groups that are looked at between two turns of the event loop. */
const holdersAtOnce = 50;

/** Effective rights, read from the side of a repository and from the side of a subject. */
export class Rights {
  constructor(
    private readonly grants: GrantStore,
    private readonly subjects: Subjects,
    private readonly facts: GrantFacts,
  ) {}

  /**
   * Everybody whom a grant gives something here: users, also those whose groups were given it, then groups, then robots, each by age.
   * Whoever has it by role or by visibility alone is not listed, and only administrators are told what somebody has by role. Throws VALIDATION_FAILED for a cursor that no page gave.
   */
  async on(
    repository: RepositoryName,
    visibility: Visibility | undefined,
    page: RightsPage & Telling,
  ): Promise<Page<SubjectRights>> {
    const patterns = patternsIncluding(exactPattern(repository));
    const found = await this.#granted(patterns, page);
    const items = await Promise.all(
      found.items.map((known) => this.#rightsOf(known, repository, visibility, patterns)),
    );
    return { ...found, items };
  }

  /** As {@link on}, of those whom a grant on exactly this name gives something: what of it ends with the repository. */
  async ending(repository: RepositoryName, page: RightsPage & Telling): Promise<Page<EndingRights>> {
    const exact = exactPattern(repository);
    const patterns = patternsIncluding(exact);
    const found = await this.#granted([exact], page);
    const items = found.items.map(async (known) => {
      const grants = await this.facts.about({ kind: known.type, id: known.id }, patterns);
      const may = (given: readonly GrantFact[]) =>
        decideAll(asPrincipal(known), repository, { visibility: undefined, grants: given });
      const left = may(grants.filter(({ pattern }) => pattern !== exact));
      const loses = [...may(grants)].filter((action) => !left.has(action));
      const { type, name, enabled } = known;
      return { subject: { type, name }, enabled, loses, mayMakeAnew: left.has('push') };
    });
    return { ...found, items: await Promise.all(items) };
  }

  /** Subjects with a grant on one of the patterns, in the order of {@link on}. */
  async #granted(
    patterns: readonly Pattern[],
    { limit, cursor = 'user:0', toAdministrator }: RightsPage & Telling,
  ): Promise<Page<KnownSubject>> {
    const last = parseCursor(cursor);
    const found: KnownSubject[] = [];
    for (const type of subjectTypes.slice(subjectTypes.indexOf(last.type))) {
      const after = type === last.type ? last.id : 0;
      for (const id of await this.#behind(type, patterns, after, limit + 1 - found.length)) {
        const known = await this.subjects.findById(type, id);
        if (known !== undefined) found.push(asToldTo({ toAdministrator }, known)); // else gone this very moment
      }
      if (found.length > limit) break;
    }
    return pageOf(found, limit, ({ type, id }) => `${type}:${id}`);
  }

  /** Throws NOT_FOUND for an unknown subject. To others than administrators it answers as for one without a grant, after the same work. */
  async ofOne(
    subject: Subject,
    repository: RepositoryName,
    visibility: Visibility | undefined,
    telling: Telling,
  ): Promise<SubjectRights> {
    const known = await this.subjects.find(subject);
    const patterns = patternsIncluding(exactPattern(repository));
    if (telling.toAdministrator) {
      if (known === undefined) throw unknownSubject(subject);
      return this.#rightsOf(known, repository, visibility, patterns);
    }
    const nobody = { ...subject, id: 0, enabled: true, admin: false };
    const rights = await this.#rightsOf(asToldTo(telling, known ?? nobody), repository, visibility, patterns);
    return { ...rights, subject, enabled: rights.enabled || rights.grants.length === 0 };
  }

  /** All grants of a subject, for a user with those of its groups, by pattern. None for a subject that is unknown. */
  async of(subject: Subject, { limit, cursor }: RightsPage): Promise<Page<Grant>> {
    const known = await this.subjects.find(subject);
    if (known === undefined) return { items: [] };
    const [from = '', id = '0'] = cursor?.split(' ') ?? [];
    const holders = await this.facts.holders({ kind: known.type, id: known.id });
    // Each holder has one grant of a pattern, so behind the cursor there is at most one that the last page has shown.
    const first = (rows: GrantRow[]) =>
      rows
        .filter((row) => row.pattern > from || row.id > Number(id))
        .sort((a, b) => (a.pattern === b.pattern ? a.id - b.id : a.pattern < b.pattern ? -1 : 1))
        .slice(0, limit + 1);
    const read = (holder: (typeof holders)[number]) => this.grants.ofSubject(holder.type, holder.id, from, limit + 2);
    const behind = await firstOfEach(holders, read, first);
    return pageOf(behind.map(toGrant), limit, (grant) => `${grant.pattern} ${grant.id}`);
  }

  /** Ids of subjects with a grant on one of the patterns, in order. */
  async #behind(type: SubjectType, patterns: readonly Pattern[], after: number, limit: number): Promise<number[]> {
    const first = (ids: number[]) => [...new Set(ids)].sort((a, b) => a - b).slice(0, limit);
    const own = await this.#grantedAny(type, patterns, after, limit);
    if (type !== 'user') return first([...own]);
    const groups = await this.#grantedAny('group', patterns, 0, Number.MAX_SAFE_INTEGER);
    const membersOf = (group: number) => this.subjects.membersOf(group, after, limit);
    return first([...own, ...(await firstOfEach([...groups], membersOf, first))]);
  }

  async #grantedAny(type: SubjectType, patterns: readonly Pattern[], after: number, limit: number) {
    const lists = await Promise.all(patterns.map((pattern) => this.grants.holdersOf(type, pattern, after, limit)));
    return new Set(lists.flat());
  }

  async #rightsOf(
    known: KnownSubject,
    repository: RepositoryName,
    visibility: Visibility | undefined,
    patterns: readonly Pattern[],
  ): Promise<SubjectRights> {
    const { type, id, name, enabled } = known;
    const grants = await this.facts.about({ kind: type, id }, patterns);
    const actions = explain(asPrincipal(known), repository, { visibility, grants });
    return { subject: { type, name }, enabled, grants, actions };
  }
}

/** What `first` keeps of all that is read for these: of many groups no more is ever held than of one, and others have their turn in between. */
async function firstOfEach<T, R>(
  holders: readonly T[],
  read: (holder: T) => Promise<R[]>,
  first: (found: R[]) => R[],
): Promise<R[]> {
  let kept: R[] = [];
  for (let from = 0; from < holders.length; from += holdersAtOnce) {
    if (from > 0) await new Promise(setImmediate);
    const some = await Promise.all(holders.slice(from, from + holdersAtOnce).map(read));
    kept = first([...kept, ...some.flat()]);
  }
  return kept;
}

function asToldTo({ toAdministrator }: Telling, known: KnownSubject): KnownSubject {
  return toAdministrator ? known : { ...known, admin: false };
}

/** Who asks when the subject does: for a group, a member who has nothing else. */
function asPrincipal({ type, id, name, admin }: KnownSubject): Principal {
  return type === 'robot' ? { kind: 'robot', id, name } : { kind: 'user', id, name, role: admin ? 'admin' : 'user' };
}

/** Whether a text is a cursor of the list of those who have rights on a repository. */
export function isSubjectCursor(text: string): boolean {
  return /^(?:user|group|robot):\d{1,15}$/.test(text);
}

function parseCursor(cursor: string): { readonly type: SubjectType; readonly id: number } {
  const [name, id] = cursor.split(':');
  const type = subjectTypes.find((one) => one === name);
  if (type !== undefined && isSubjectCursor(cursor)) return { type, id: Number(id) };
  throw new Failure('VALIDATION_FAILED', {
    detail: [{ pointer: '/cursor', message: 'cursor must be a nextCursor of this list' }],
  });
}
