import type { EntityManager } from 'typeorm';
import { type Action, actions } from '../access/action.js';
import { exactPattern, type Pattern, patternPrefix, patternsIncluding } from '../access/pattern.js';
import type { Principal } from '../access/principal.js';
import { type Subject, type SubjectType, subjectTypes } from '../access/subject.js';
import { record } from '../audit/record.js';
import type { Database, SqlValue } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type Subjects, unknownSubject } from '../users/subjects.store.js';
import { GrantEntity } from './grant.entity.js';
import { type Grant, type GrantRow, selectGrants, toGrant } from './grant.js';
import { placeholders } from './grant-facts.js';
import { assertRoomForGrant } from './grant-limits.js';

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
}

/** Grants that end between two turns of the event loop. */
const endedAtOnce = 100;

/** Asked inside the transaction of a change, before anything is changed, whether whoever wants it may; throws when not. */
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
  readonly #listeners: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly subjects: Subjects,
  ) {}

  /** Oldest first. */
  async list({ subject, pattern, repository, limit, cursor = '0' }: GrantFilter): Promise<Page<Grant>> {
    const conditions = ['g.id > ?'];
    const values: SqlValue[] = [Number(cursor)];
    if (subject !== undefined) {
      // The same work for an account that is none: an id that nobody has.
      const known = await this.subjects.find(subject);
      conditions.push(`g.${subject.type}_id = ?`);
      values.push(known?.id ?? 0);
    }
    if (pattern !== undefined) {
      conditions.push('g.pattern = ?');
      values.push(pattern);
    }
    if (repository !== undefined) {
      const covering = patternsIncluding(exactPattern(repository));
      conditions.push(`g.pattern IN (${placeholders(covering.length)})`);
      values.push(...covering);
    }
    const rows = await this.database.read.query<GrantRow[]>(
      `${selectGrants} WHERE ${conditions.join(' AND ')} ORDER BY g.id LIMIT ?`,
      [...values, limit + 1],
    );
    return pageOf(rows.map(toGrant), limit, ({ id }) => String(id));
  }

  async find(id: number): Promise<Grant | undefined> {
    const [row] = await this.database.read.query<GrantRow[]>(`${selectGrants} WHERE g.id = ?`, [id]);
    return row && toGrant(row);
  }

  /**
   * Gives the subject exactly these actions on this pattern, whatever it had there before.
   * Throws NOT_FOUND for an unknown subject, VALIDATION_FAILED without an action, CONFLICT for more than {@link assertRoomForGrant} has room for.
   */
  async put(
    { subject, pattern, actions: given, onlyNew }: NewGrant,
    createdBy: number | null,
    giver?: Giver,
  ): Promise<{ grant: Grant; created: boolean }> {
    const flags = flagsOf(given);
    return this.#change(async (tx) => {
      await giver?.guard(pattern);
      const known = await this.subjects.find(subject);
      if (known === undefined) {
        giver?.unknown();
        throw unknownSubject(subject);
      }
      const existing = await tx.findOneBy(GrantEntity, { [`${known.type}Id`]: known.id, pattern });
      if (existing !== null) {
        if (onlyNew) throw new Failure('CONFLICT', { detail: { grant: existing.id } });
        return { grant: await giveInstead(tx, existing.id, flags), created: false };
      }
      await assertRoomForGrant(tx, { subject: known, pattern, giver: await giver?.limited() });
      const owner = Object.fromEntries(
        subjectTypes.map((type) => [`${type}Id` as const, type === known.type ? known.id : null]),
      );
      const prefix = patternPrefix(pattern) ?? null;
      const fresh = { ...owner, ...flags, pattern, prefix, createdAt: new Date(), createdBy };
      const { id } = await tx.save(tx.create(GrantEntity, fresh));
      const grant = await readGrant(tx, id);
      await record(tx, 'grant.create', nameOf(grant), { after: grant });
      return { grant, created: true };
    });
  }

  /** Gives other actions by a grant that is there. Throws NOT_FOUND, and VALIDATION_FAILED without an action. */
  async change(id: number, given: readonly Action[], guard?: GrantGuard): Promise<Grant> {
    const flags = flagsOf(given);
    return this.#change(async (tx) => {
      await guard?.((await readGrant(tx, id)).pattern);
      return giveInstead(tx, id, flags);
    });
  }

  /** Throws NOT_FOUND. */
  async remove(id: number, guard?: GrantGuard): Promise<void> {
    await this.#change(async (tx) => {
      const grant = await readGrant(tx, id);
      await guard?.(grant.pattern);
      await tx.delete(GrantEntity, { id });
      await record(tx, 'grant.delete', nameOf(grant), { before: grant });
    });
  }

  /**
   * Lets the grants of exactly one repository follow it to its new name, in the transaction that renames it. Where a subject has a
   * grant of the new name already, that one has what both gave.
   */
  async follow(tx: EntityManager, from: RepositoryName, to: RepositoryName): Promise<void> {
    const both = actions.map((action) => `can_${action} = (grants.can_${action} OR old.can_${action})`).join(', ');
    for (const type of subjectTypes) {
      const met = `grants.pattern = ? AND old.pattern = ? AND old.${type}_id = grants.${type}_id`;
      await tx.query(`UPDATE grants SET ${both} FROM grants old WHERE ${met}`, [to, from]);
      const merged = `SELECT old.id FROM grants kept JOIN grants old ON old.${type}_id = kept.${type}_id WHERE kept.pattern = ? AND old.pattern = ?`;
      await tx.query(`DELETE FROM grants WHERE id IN (${merged})`, [to, from]);
    }
    await tx.update(GrantEntity, { pattern: exactPattern(from) }, { pattern: exactPattern(to) });
  }

  /**
   * Ends the grants of exactly one repository, in the transaction that removes it: whoever makes the name anew shares it with nobody.
   * Each is written down, so that it can be given again.
   */
  end(tx: EntityManager, name: RepositoryName): Promise<void> {
    return endAll(tx, 'g.pattern = ?', exactPattern(name));
  }

  /** Ends all grants of a user, a group or a robot, in the transaction that removes it, and writes each down. */
  endOf(tx: EntityManager, type: SubjectType, id: number): Promise<void> {
    return endAll(tx, `g.${type}_id = ?`, id);
  }

  /** Hears of every change, before it is acknowledged. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async #change<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.database.write(work);
    } finally {
      for (const listener of this.#listeners) listener();
    }
  }
}

/** A piece at a time; in between, whatever else waits for the event loop has its turn. */
async function endAll(tx: EntityManager, condition: string, value: SqlValue): Promise<void> {
  for (;;) {
    const rows = await tx.query<GrantRow[]>(`${selectGrants} WHERE ${condition} LIMIT ?`, [value, endedAtOnce]);
    for (const before of rows.map(toGrant)) {
      await tx.query('DELETE FROM grants WHERE id = ?', [before.id]);
      await record(tx, 'grant.delete', nameOf(before), { before });
    }
    if (rows.length < endedAtOnce) return;
    await new Promise(setImmediate);
  }
}

type Flags = Pick<GrantEntity, 'canPull' | 'canPush' | 'canDelete' | 'canManage'>;

/** Throws NOT_FOUND. */
async function readGrant(tx: EntityManager, id: number): Promise<Grant> {
  const [row] = await tx.query<GrantRow[]>(`${selectGrants} WHERE g.id = ?`, [id]);
  if (row === undefined) throw new Failure('NOT_FOUND');
  return toGrant(row);
}

/** Throws NOT_FOUND. */
async function giveInstead(tx: EntityManager, id: number, flags: Flags): Promise<Grant> {
  const before = await readGrant(tx, id);
  await tx.update(GrantEntity, { id }, flags);
  const after = await readGrant(tx, id);
  if (before.actions.join() !== after.actions.join()) {
    await record(tx, 'grant.update', nameOf(after), { before, after });
  }
  return after;
}

/** How the audit names a grant. */
function nameOf({ subject, pattern }: Grant): string {
  return `${subject.type}:${subject.name} on ${pattern}`;
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
