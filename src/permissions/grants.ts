import type { EntityManager } from 'typeorm';
import { type Action, actions } from '../access/action.js';
import { exactPattern, type Pattern, patternsIncluding } from '../access/pattern.js';
import type { Principal } from '../access/principal.js';
import { type Subject, type SubjectType, subjectTypes } from '../access/subject.js';
import type { Changes } from '../changes/changes.js';
import type { ChangeKind } from '../changes/kinds.js';
import type { Condition } from '../database/condition.js';
import type { Database } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type Subjects, unknownSubject } from '../users/subjects.store.js';
import type { Grant } from './grant.js';
import { assertRoomForGrant } from './grant-limits.js';
import {
  deleteGrant,
  type Flags,
  findGrantOf,
  type GrantStore,
  grantToChange,
  insertGrant,
  lockGrantsOf,
  renameGrants,
  setFlags,
  someGrants,
  someGrantsOfBoth,
} from './grants.store.js';

export interface GrantFilter {
  readonly subject?: Subject;
  /** Only grants of exactly this pattern. */
  readonly pattern?: Pattern;
  /** Only grants that cover this repository. */
  readonly repository?: RepositoryName;
  readonly limit: number;
  readonly cursor?: string;
}

export interface NewGrant {
  readonly subject: Subject;
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
  /** Refuses, with CONFLICT, to change a grant that is there already. */
  readonly onlyNew?: boolean;
  /** Asked of the grant that is there already; without one it is PRECONDITION_FAILED. */
  readonly condition?: Condition<Grant> | undefined;
}

/** Grants that end between two turns of the event loop. */
const endedAtOnce = 100;

/** Asked inside the transaction that gives a grant, before anything is changed, whether the asker may; throws when not. */
export type GrantGuard = (pattern: Pattern) => Promise<void>;

/** Who gives a grant: what is asked of them in its transaction. */
export interface Giver {
  readonly guard: GrantGuard;
  /** Undefined while it is an administrator, who may give more of them. */
  readonly limited: () => Promise<Principal | undefined>;
  /** Called when the subject of the grant is nobody. */
  readonly unknown: () => void;
}

/** The rows that give users, groups and robots actions. Grants only add: there is no deny and no order among them. */
export class Grants {
  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly store: GrantStore,
    private readonly subjects: Subjects,
  ) {}

  /** Oldest first. */
  async list({ subject, pattern, repository, limit, cursor = '0' }: GrantFilter): Promise<Page<Grant>> {
    // The same work for an account that is none: an id that nobody has.
    const known = subject && { type: subject.type, id: (await this.subjects.find(subject))?.id ?? 0 };
    const covering = repository && patternsIncluding(exactPattern(repository));
    const patterns = pattern === undefined ? covering : [pattern].filter((one) => covering?.includes(one) ?? true);
    const grants = await this.store.list({ after: Number(cursor), subject: known, patterns }, limit + 1);
    return pageOf(grants, limit, ({ id }) => String(id));
  }

  find(id: number): Promise<Grant | undefined> {
    return this.store.find(id);
  }

  /**
   * Gives the subject exactly these actions on this pattern, whatever it had there before.
   * Throws NOT_FOUND for an unknown subject, VALIDATION_FAILED without an action, CONFLICT for more than {@link assertRoomForGrant} has room for.
   */
  async put(
    { subject, pattern, actions: given, onlyNew, condition }: NewGrant,
    createdBy: number | null,
    giver?: Giver,
  ): Promise<{ grant: Grant; created: boolean }> {
    const flags = flagsOf(given);
    return this.database.write(async (tx) => {
      await giver?.guard(pattern);
      const known = await this.subjects.find(subject);
      if (known === undefined) {
        giver?.unknown();
        throw condition === undefined ? unknownSubject(subject) : new Failure('PRECONDITION_FAILED');
      }
      await lockGrantsOf(tx, known);
      const existing = await findGrantOf(tx, known, pattern);
      if (existing === undefined && condition !== undefined) throw new Failure('PRECONDITION_FAILED');
      if (existing !== undefined) {
        await condition?.(await readGrant(tx, existing));
        if (onlyNew) throw new Failure('CONFLICT', { detail: { grant: existing } });
        return { grant: await this.#giveInstead(tx, existing, flags), created: false };
      }
      await assertRoomForGrant(tx, { subject: known, pattern, giver: await giver?.limited() });
      const id = await insertGrant(tx, { subject: known, pattern, flags, createdBy });
      const grant = await readGrant(tx, id);
      await this.#record(tx, 'grant.create', grant, { after: grant });
      return { grant, created: true };
    });
  }

  /** Gives other actions by a grant that is there. Throws NOT_FOUND, and VALIDATION_FAILED without an action. */
  async change(id: number, given: readonly Action[], guard?: Condition<Grant>): Promise<Grant> {
    const flags = flagsOf(given);
    return this.database.write(async (tx) => {
      await guard?.(await readGrant(tx, id));
      return this.#giveInstead(tx, id, flags);
    });
  }

  /** Throws NOT_FOUND. */
  async remove(id: number, guard?: Condition<Grant>): Promise<void> {
    await this.database.write(async (tx) => {
      const grant = await readGrant(tx, id);
      await guard?.(grant);
      await deleteGrant(tx, id);
      await this.#record(tx, 'grant.delete', grant, { before: grant });
    });
  }

  /**
   * Lets the grants of exactly one repository follow it to its new name, in the transaction that renames it. Where a subject has a
   * grant of the new name already, that one has what both gave, and both are written down.
   */
  async follow(tx: EntityManager, from: RepositoryName, to: RepositoryName): Promise<void> {
    for (const type of subjectTypes) await this.#merge(tx, type, { from, to });
    await renameGrants(tx, from, to);
  }

  /**
   * Ends the grants of exactly one repository, in the transaction that removes it: a new repository of that name is shared with nobody.
   * Each is written down, so that it can be given again.
   */
  end(tx: EntityManager, name: RepositoryName): Promise<void> {
    return this.#endAll(tx, { pattern: exactPattern(name) });
  }

  /** Ends all grants of a user, a group or a robot, in the transaction that removes it, and writes each down. */
  endOf(tx: EntityManager, type: SubjectType, id: number): Promise<void> {
    return this.#endAll(tx, { type, id });
  }

  /** Piece by piece, as {@link #endAll}. */
  async #merge(tx: EntityManager, type: SubjectType, names: Parameters<typeof someGrantsOfBoth>[2]): Promise<void> {
    for (;;) {
      const some = await someGrantsOfBoth(tx, type, names, endedAtOnce);
      for (const { from, to } of some) {
        const before = await readGrant(tx, from);
        await deleteGrant(tx, from);
        await this.#record(tx, 'grant.delete', before, { before });
        await this.#giveInstead(tx, to, flagsOf([...before.actions, ...(await readGrant(tx, to)).actions]));
      }
      if (some.length < endedAtOnce) return;
      await new Promise(setImmediate);
    }
  }

  /** Piece by piece; other work has its turn of the event loop in between. */
  async #endAll(tx: EntityManager, of: Parameters<typeof someGrants>[1]): Promise<void> {
    for (;;) {
      const some = await someGrants(tx, of, endedAtOnce);
      for (const before of some) {
        await deleteGrant(tx, before.id);
        await this.#record(tx, 'grant.delete', before, { before });
      }
      if (some.length < endedAtOnce) return;
      await new Promise(setImmediate);
    }
  }

  /** Throws NOT_FOUND. */
  async #giveInstead(tx: EntityManager, id: number, flags: Flags): Promise<Grant> {
    const before = await readGrant(tx, id);
    await setFlags(tx, id, flags);
    const after = await readGrant(tx, id);
    if (before.actions.join() !== after.actions.join())
      await this.#record(tx, 'grant.update', after, { before, after });
    return after;
  }

  #record(
    tx: EntityManager,
    kind: Extract<ChangeKind, `grant.${string}`>,
    { id, subject: { type, name }, pattern, actions: given }: Grant,
    states: { readonly before?: Grant; readonly after?: Grant },
  ): Promise<void> {
    const payload = { subjectType: type, subject: name, pattern, actions: given };
    return this.changes.record(tx, { kind, id, payload, audit: { name: `${type}:${name} on ${pattern}`, ...states } });
  }
}

/** Throws NOT_FOUND. */
async function readGrant(tx: EntityManager, id: number): Promise<Grant> {
  const grant = await grantToChange(tx, id);
  if (grant === undefined) throw new Failure('NOT_FOUND');
  return grant;
}

function flagsOf(given: readonly Action[]): Flags {
  if (given.length === 0) {
    const message = `at least one of ${actions.join(', ')}`;
    throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/actions', message }] });
  }
  return {
    canPull: given.includes('pull'),
    canPush: given.includes('push'),
    canDelete: given.includes('delete'),
    canManage: given.includes('manage'),
  };
}
