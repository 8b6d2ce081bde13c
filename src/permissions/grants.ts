import type { EntityManager } from 'typeorm';
import { type Action, actions } from '../access/action.js';
import { type Pattern, parsePattern, patternPrefix } from '../access/pattern.js';
import type { GrantFact } from '../access/policy.js';
import type { Database, PreparedRead, SqlValue } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { RepositoryName } from '../oci/repository-name.js';
import type { Users } from '../users/users.js';
import { GrantEntity } from './grant.entity.js';
import { type FactRow, type Grant, patternsIncluding, toFact } from './grant.js';

export interface GrantFilter {
  readonly username?: string;
  /** Only grants of exactly this pattern. */
  readonly pattern?: Pattern;
  /** Only grants that cover this repository. */
  readonly repository?: RepositoryName;
  readonly limit: number;
  readonly cursor?: string;
}

export interface NewGrant {
  readonly username: string;
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
  /** Refuses, with CONFLICT, to change a grant that is there already. */
  readonly onlyNew?: boolean;
}

interface GrantRow extends FactRow {
  readonly username: string;
  readonly created_at: number;
}

const factColumns = 'g.id, g.pattern, g.can_pull, g.can_push, g.can_delete, g.can_manage';
const selectGrants = `SELECT ${factColumns}, g.created_at, u.username FROM grants g JOIN users u ON u.id = g.user_id`;

/** Most patterns in one query; more are asked in pieces. */
const maxListed = 512;

/** The rows that give users actions. Grants only add: there is no deny and no order among them. */
export class Grants {
  readonly #listeners: (() => void)[] = [];
  readonly #factsIn = new Map<number, PreparedRead<FactRow>>();
  readonly #wildcards: PreparedRead<FactRow>;

  constructor(
    private readonly database: Database,
    private readonly users: Users,
  ) {
    this.#wildcards = database.prepare(
      `SELECT ${factColumns} FROM grants g WHERE g.user_id = ? AND g.prefix IS NOT NULL`,
    );
  }

  /** Oldest first. */
  async list({ username, pattern, repository, limit, cursor = '0' }: GrantFilter): Promise<Page<Grant>> {
    const conditions = ['g.id > ?'];
    const values: SqlValue[] = [Number(cursor)];
    if (username !== undefined) {
      const user = await this.users.find(username);
      if (user === undefined) return { items: [] };
      conditions.push('g.user_id = ?');
      values.push(user.id);
    }
    if (pattern !== undefined) {
      conditions.push('g.pattern = ?');
      values.push(pattern);
    }
    if (repository !== undefined) {
      const covering = patternsIncluding(parsePattern(repository));
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
   * Gives a user exactly these actions on this pattern, whatever it had there before.
   * Throws NOT_FOUND for an unknown user, VALIDATION_FAILED without an action.
   */
  async put(
    { username, pattern, actions: given, onlyNew }: NewGrant,
    createdBy: number | null,
  ): Promise<{ grant: Grant; created: boolean }> {
    if (given.length === 0) {
      const message = `at least one of ${actions.join(', ')}`;
      throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/actions', message }] });
    }
    const user = await this.users.find(username);
    if (user === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such user' });

    return this.#change(async (tx) => {
      const existing = await tx.findOneBy(GrantEntity, { userId: user.id, pattern });
      if (existing !== null && onlyNew) throw new Failure('CONFLICT', { detail: { grant: existing.id } });
      const row = tx.create(GrantEntity, {
        ...(existing ?? {
          userId: user.id,
          pattern,
          prefix: patternPrefix(pattern) ?? null,
          createdAt: new Date(),
          createdBy,
        }),
        canPull: given.includes('pull'),
        canPush: given.includes('push'),
        canDelete: given.includes('delete'),
        canManage: given.includes('manage'),
      });
      const { id, createdAt } = await tx.save(row);
      const kept = actions.filter((action) => given.includes(action));
      return { grant: { id, username, pattern, actions: kept, createdAt }, created: existing === null };
    });
  }

  /** Throws NOT_FOUND. */
  async remove(id: number): Promise<void> {
    await this.#change(async (tx) => {
      const { affected } = await tx.delete(GrantEntity, { id });
      if (affected !== 1) throw new Failure('NOT_FOUND');
    });
  }

  /** Which of these patterns the user is granted, and what there. */
  async factsAbout(userId: number, patterns: readonly Pattern[]): Promise<GrantFact[]> {
    const facts: GrantFact[] = [];
    for (let from = 0; from < patterns.length; from += maxListed) {
      const some = patterns.slice(from, from + maxListed);
      // A few lengths of list are compiled and kept, so it is filled up with what is in it already.
      const size = 2 ** Math.ceil(Math.log2(some.length));
      const list = Array.from({ length: size }, (_, i) => some[i] ?? patterns[from] ?? null);
      facts.push(...(await this.#factStatement(size).list(userId, ...list)).map(toFact));
    }
    return facts;
  }

  /** The user's grants on more than one repository. */
  async wildcardFacts(userId: number): Promise<GrantFact[]> {
    return (await this.#wildcards.list(userId)).map(toFact);
  }

  /** Hears of every change, before it is acknowledged. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #factStatement(count: number): PreparedRead<FactRow> {
    let statement = this.#factsIn.get(count);
    if (statement === undefined) {
      statement = this.database.prepare(
        `SELECT ${factColumns} FROM grants g WHERE g.user_id = ? AND g.pattern IN (${placeholders(count)})`,
      );
      this.#factsIn.set(count, statement);
    }
    return statement;
  }

  async #change<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.database.write(work);
    } finally {
      for (const listener of this.#listeners) listener();
    }
  }
}

function toGrant(row: GrantRow): Grant {
  const { id, pattern, actions: granted } = toFact(row);
  return { id, username: row.username, pattern, actions: granted, createdAt: new Date(Number(row.created_at)) };
}

const placeholders = (count: number): string => Array(count).fill('?').join(', ');
