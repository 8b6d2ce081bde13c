import type { EntityManager } from 'typeorm';
import { exactPattern, type Pattern, patternPrefix } from '../access/pattern.js';
import { type SubjectType, subjectTypes } from '../access/subject.js';
import { clock } from '../async/clock.js';
import type { Database, PreparedRead, SqlValue } from '../database/database.js';
import { itemOf, joinEach, listed, listOf, lockName, lockRow } from '../database/dialect.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { GrantEntity } from './grant.entity.js';
import { factColumns, type Grant, type GrantRow, toGrant } from './grant.js';

/** Which grants a list has; conditions that are left out hold for all. */
export interface GrantConditions {
  /** Only behind this id. */
  readonly after: number;
  readonly subject?: { readonly type: SubjectType; readonly id: number } | undefined;
  /** Only grants of one of these patterns. */
  readonly patterns?: readonly Pattern[] | undefined;
}

/** What a grant allows. */
export type Flags = Pick<GrantEntity, 'canPull' | 'canPush' | 'canDelete' | 'canManage'>;

export interface NewGrantRow {
  readonly subject: { readonly type: SubjectType; readonly id: number };
  readonly pattern: Pattern;
  readonly flags: Flags;
  readonly createdBy: number | null;
}

interface Id {
  readonly id: number;
}

const select = `SELECT ${factColumns}, g.created_at,
  CASE WHEN g.user_id IS NOT NULL THEN 'user' WHEN g.group_id IS NOT NULL THEN 'group' ELSE 'robot' END AS subject_type,
  COALESCE(u.username, t.name, o.name) AS subject_name`;
const withNames = `LEFT JOIN user_names u ON u.id = g.user_id
  LEFT JOIN group_names t ON t.id = g.group_id LEFT JOIN robot_names o ON o.id = g.robot_id`;
/** Grants with the names of their subjects; a condition follows. */
const selectGrants = `${select} FROM grants g ${withNames}`;

/** The rows of grants with the names of their subjects, for those who read. */
export class GrantStore {
  readonly #lists = new Map<string, PreparedRead<GrantRow>>();
  readonly #holders: ReadonlyMap<SubjectType, PreparedRead<Id>>;
  readonly #ofSubject: ReadonlyMap<SubjectType, PreparedRead<GrantRow>>;

  constructor(private readonly database: Database) {
    const forEach = <Row>(sql: (column: string) => string) =>
      new Map(subjectTypes.map((type) => [type, database.prepare<Row>(sql(`g.${type}_id`))]));
    this.#holders = forEach(
      (column) =>
        `SELECT ${column} AS id FROM grants g WHERE g.pattern = ? AND ${column} > ? ORDER BY ${column} LIMIT ?`,
    );
    this.#ofSubject = forEach(
      (column) => `${selectGrants} WHERE ${column} = ? AND g.pattern >= ? ORDER BY g.pattern LIMIT ?`,
    );
  }

  /** Oldest first. */
  async list({ after, subject, patterns }: GrantConditions, limit: number): Promise<Grant[]> {
    if (patterns?.length === 0) return [];
    const values: SqlValue[] = patterns === undefined ? [] : [listOf([...new Set(patterns)])];
    if (subject !== undefined) values.push(subject.id);
    const rows = await this.#listed(subject?.type, patterns !== undefined).list(...values, after, limit);
    return rows.map(toGrant);
  }

  /** Made when it is first wanted: a list of patterns, a subject, both or none. */
  #listed(type: SubjectType | undefined, ofPatterns: boolean): PreparedRead<GrantRow> {
    const kind = `${type} ${ofPatterns}`;
    const from = ofPatterns ? `${listed('patterns')} ${joinEach} grants g` : 'grants g';
    const conditions = ofPatterns ? [`g.pattern = ${itemOf('patterns')}`] : [];
    if (type !== undefined) conditions.push(`g.${type}_id = ?`);
    conditions.push('g.id > ?');
    const sql = `${select} FROM ${from} ${withNames} WHERE ${conditions.join(' AND ')} ORDER BY g.id LIMIT ?`;
    const statement = this.#lists.get(kind) ?? this.database.prepare<GrantRow>(sql);
    this.#lists.set(kind, statement);
    return statement;
  }

  find(id: number): Promise<Grant | undefined> {
    return findGrant(this.database.read, id);
  }

  /** Ids of subjects of this type with a grant on exactly this pattern, behind `after` and in order. */
  async holdersOf(type: SubjectType, pattern: Pattern, after: number, limit: number): Promise<number[]> {
    const rows = (await this.#holders.get(type)?.list(pattern, after, limit)) ?? [];
    return rows.map(({ id }) => id);
  }

  /** Grants of one subject by pattern, from `from` on. */
  async ofSubject(type: SubjectType, id: number, from: string, limit: number): Promise<GrantRow[]> {
    return (await this.#ofSubject.get(type)?.list(id, from, limit)) ?? [];
  }
}

/** Text for the `sql` tag. */
const grants = () => selectGrants;

export async function findGrant(tx: EntityManager, id: number): Promise<Grant | undefined> {
  const [row] = await tx.sql<GrantRow[]>`${grants} WHERE g.id = ${id}`;
  return row && toGrant(row);
}

/** As {@link findGrant}, locked. */
export async function grantToChange(tx: EntityManager, id: number): Promise<Grant | undefined> {
  await lockRow(tx, GrantEntity, { id });
  return findGrant(tx, id);
}

/** To be called before looking for the grants of a subject or counting them, so that nobody gives it another one meanwhile. */
export function lockGrantsOf(tx: EntityManager, { type, id }: NewGrantRow['subject']): Promise<void> {
  return lockName(tx, `grants of ${type} ${id}`);
}

/** The id of the grant that a subject has of exactly this pattern. */
export async function findGrantOf(
  tx: EntityManager,
  { type, id }: NewGrantRow['subject'],
  pattern: Pattern,
): Promise<number | undefined> {
  return (await tx.findOneBy(GrantEntity, { [`${type}Id`]: id, pattern }))?.id;
}

/** Gives the id. */
export async function insertGrant(
  tx: EntityManager,
  { subject, pattern, flags, createdBy }: NewGrantRow,
): Promise<number> {
  const owner = Object.fromEntries(
    subjectTypes.map((type) => [`${type}Id` as const, type === subject.type ? subject.id : null]),
  );
  const prefix = patternPrefix(pattern) ?? null;
  const fresh = { ...owner, ...flags, pattern, prefix, createdAt: new Date(clock.wall()), createdBy };
  const { id } = await tx.save(tx.create(GrantEntity, fresh));
  return id;
}

export async function setFlags(tx: EntityManager, id: number, flags: Flags): Promise<void> {
  await tx.update(GrantEntity, { id }, flags);
}

export async function deleteGrant(tx: EntityManager, id: number): Promise<void> {
  await tx.sql`DELETE FROM grants WHERE id = ${id}`;
}

/** The first grants of exactly one repository, or of one subject. */
export async function someGrants(
  tx: EntityManager,
  of: { readonly pattern: Pattern } | { readonly type: SubjectType; readonly id: number },
  limit: number,
): Promise<Grant[]> {
  const [column, value] = 'pattern' in of ? ['g.pattern', of.pattern] : [`g.${of.type}_id`, of.id];
  const rows = await tx.sql<GrantRow[]>`${grants} WHERE ${() => column} = ${value} LIMIT ${limit}`;
  return rows.map(toGrant);
}

/** The first subjects of a type with a grant of exactly each of two repositories: the ids of both. */
export async function someGrantsOfBoth(
  tx: EntityManager,
  type: SubjectType,
  { from, to }: { readonly from: RepositoryName; readonly to: RepositoryName },
  limit: number,
): Promise<{ readonly from: number; readonly to: number }[]> {
  const sameSubject = () => `a.${type}_id = b.${type}_id`;
  return tx.sql<{ from: number; to: number }[]>`SELECT a.id AS "from", b.id AS "to" FROM grants a
    JOIN grants b ON ${sameSubject} WHERE a.pattern = ${from} AND b.pattern = ${to} LIMIT ${limit}`;
}

/** Gives the grants of exactly one repository its new name, of which their subjects have none ({@link someGrantsOfBoth}). */
export async function renameGrants(tx: EntityManager, from: RepositoryName, to: RepositoryName): Promise<void> {
  await tx.update(GrantEntity, { pattern: exactPattern(from) }, { pattern: exactPattern(to) });
}

/** Whether a subject has so many grants, after {@link lockGrantsOf}. */
export async function hasGrants(
  tx: EntityManager,
  { type, id }: NewGrantRow['subject'],
  count: number,
): Promise<boolean> {
  const found = await tx.sql<unknown[]>`
    SELECT 1 FROM grants WHERE ${() => `${type}_id`} = ${id} LIMIT 1 OFFSET ${count - 1}`;
  return found.length > 0;
}

/** Whether somebody has given so many that are there. They give no other one until the transaction is over. */
export async function hasGiven(tx: EntityManager, userId: number, count: number): Promise<boolean> {
  await lockName(tx, `grants by ${userId}`);
  const found = await tx.sql<unknown[]>`
    SELECT 1 FROM grants WHERE created_by = ${userId} LIMIT 1 OFFSET ${count - 1}`;
  return found.length > 0;
}

/** Whether there are so many below the first part of a name. Nobody who asks that gives another one until the transaction is over. */
export async function areBelow(tx: EntityManager, root: string, count: number): Promise<boolean> {
  await lockName(tx, `grants below ${root}`);
  const found = await tx.sql<unknown[]>`
    SELECT 1 FROM grants WHERE pattern >= ${`${root}/`} AND pattern < ${`${root}0`} LIMIT 1 OFFSET ${count - 1}`;
  return found.length > 0;
}

/** How many rows there are, each a query of one number to stand inside another. */
export const grantCounts = { grants: 'SELECT COUNT(*) FROM grants' };
