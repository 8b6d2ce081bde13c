import type { Action } from '../access/action.js';
import type { Pattern } from '../access/pattern.js';
import type { GrantFact } from '../access/policy.js';
import { isAdministrator, type Principal } from '../access/principal.js';
import { type SubjectType, subjectTypes } from '../access/subject.js';
import type { Database, PreparedRead } from '../database/database.js';
import type { Subjects } from '../users/subjects.store.js';
import { type FactRow, factColumns, toFact } from './grant.js';
import { following } from './name-range.js';

/** Somebody who can be granted something: every principal that is not anonymous, and a group. */
export interface Grantee {
  readonly kind: SubjectType;
  readonly id: number;
}

/** Under whose names the grants of somebody are: their own and, for a user, those of the groups. */
export interface Holder {
  readonly type: SubjectType;
  readonly id: number;
}

/** Grants are only asked for where they can change the answer. */
export function granteeOf(principal: Principal): Grantee | undefined {
  if (principal.kind === 'anonymous') return undefined;
  return isAdministrator(principal) ? undefined : principal;
}

/** Most patterns in one query; more are asked in pieces. */
const maxListed = 512;
/** Prefixes that are read between two turns of the event loop, about. */
const prefixesAtOnce = 1_000;
/** As many prefixes is a query worth that finds none. */
const queryWorth = 4;

const own = (column: string) => `SELECT ${factColumns} FROM grants g WHERE g.${column} = ?`;

/** What there is to read for each kind: one's own grants, and for a user those of the groups. One value each, more conditions follow. */
const sources: Record<SubjectType, readonly string[]> = {
  user: [
    own('user_id'),
    `SELECT ${factColumns}, m.group_name FROM memberships m
     JOIN grants g ON g.group_id = m.group_id WHERE m.user_id = ?`,
  ],
  group: [own('group_id')],
  robot: [own('robot_id')],
};

/** Reads what somebody was given: their own grants and those of their groups, as facts for the policy. */
export class GrantFacts {
  readonly #statements = new Map<string, PreparedRead<FactRow>>();
  readonly #prefixes: ReadonlyMap<SubjectType, PreparedRead<{ prefix: string }>>;
  readonly #patterns: ReadonlyMap<SubjectType, PreparedRead<{ pattern: Pattern }>>;

  constructor(
    private readonly database: Database,
    private readonly subjects: Subjects,
  ) {
    const prefixes = (type: SubjectType) =>
      database.prepare<{ prefix: string }>(
        `SELECT prefix FROM grants WHERE ${type}_id = ? AND prefix >= ? ORDER BY prefix LIMIT ${prefixesAtOnce}`,
      );
    this.#prefixes = new Map(subjectTypes.map((type) => [type, prefixes(type)]));
    this.#patterns = new Map(
      subjectTypes.map((type) => [
        type,
        database.prepare(`SELECT pattern FROM grants WHERE ${type}_id = ? AND pattern > ? ORDER BY pattern LIMIT ?`),
      ]),
    );
  }

  /** Which of these patterns they are granted, and what there. */
  async about({ kind, id }: Grantee, patterns: readonly Pattern[]): Promise<GrantFact[]> {
    const facts: GrantFact[] = [];
    for (let from = 0; from < patterns.length; from += maxListed) {
      const some = patterns.slice(from, from + maxListed);
      // A few lengths of list are compiled and kept, so it is filled up with what is in it already.
      const size = 2 ** Math.ceil(Math.log2(some.length));
      const list = Array.from({ length: size }, (_, i) => some[i] ?? patterns[from] ?? null);
      for (const source of sources[kind])
        facts.push(...(await this.#statement(source, size).list(id, ...list)).map(toFact));
    }
    return facts;
  }

  /** A pattern of many repositories on which they were granted this; undefined when there is none. */
  async findWildcard({ kind, id }: Grantee, action: Action): Promise<Pattern | undefined> {
    for (const source of sources[kind]) {
      const found = await this.#prepared(`${source} AND g.prefix IS NOT NULL AND g.can_${action} LIMIT 1`).find(id);
      if (found !== undefined) return found.pattern;
    }
    return undefined;
  }

  /** What the patterns of many repositories begin with that these were granted. Costs a turn of the event loop for every thousand. */
  async prefixesOf(holders: readonly Holder[]): Promise<string[]> {
    const found: string[] = [];
    let sinceTurn = 0;
    for (const { type, id } of holders)
      for (let from: string | undefined = ''; from !== undefined; ) {
        const some: { prefix: string }[] = (await this.#prefixes.get(type)?.list(id, from)) ?? [];
        for (const { prefix } of some) found.push(prefix);
        const last = some.at(-1);
        from = last !== undefined && some.length === prefixesAtOnce ? following(last.prefix) : undefined;
        sinceTurn += some.length + queryWorth;
        if (sinceTurn < prefixesAtOnce) continue;
        sinceTurn = 0;
        await new Promise(setImmediate);
      }
    return found;
  }

  /** What they were granted anything on, without their groups, behind a pattern and in byte order. */
  async patternsOf({ kind, id }: Grantee, after: string, limit: number): Promise<Pattern[]> {
    const rows = (await this.#patterns.get(kind)?.list(id, after, limit)) ?? [];
    return rows.map(({ pattern }) => pattern);
  }

  /** Themselves and, for a user, the groups. */
  async holders({ kind, id }: Grantee): Promise<Holder[]> {
    const groups = kind === 'user' ? await this.subjects.groupsOf(id) : [];
    return [{ type: kind, id }, ...groups.map((group) => ({ type: 'group' as const, id: group }))];
  }

  #statement(source: string, size: number): PreparedRead<FactRow> {
    return this.#prepared(`${source} AND g.pattern IN (${Array(size).fill('?').join(', ')})`);
  }

  #prepared(sql: string): PreparedRead<FactRow> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
