import type { GrantFact } from '../access/policy.js';
import type { Principal } from '../access/principal.js';
import type { Visibility } from '../access/visibility.js';
import type { Database, PreparedRead, Selection } from '../database/database.js';
import { containing } from '../database/page.js';
import { type Repository, type RepositoryRow, toRepository } from '../repositories/repository.js';
import { allNames, following, type NameRange, namesInBoth, namesOfAny } from './name-range.js';
import { type SubjectType, subjectTypes } from './subject.js';

/** At most `limit` repositories of these names, whose name contains `q`. */
interface Window extends NameRange {
  readonly limit: number;
  readonly q: string;
}

/** What somebody was given, as far as it shows repositories. */
export interface Given {
  /** Grants on more than one repository. */
  readonly wildcards: readonly GrantFact[];
  /** Under whose names the others are: their own and their groups'. */
  readonly holders: readonly { readonly type: SubjectType; readonly id: number }[];
}

export interface Asked {
  readonly limit: number;
  /** Behind this name. */
  readonly after: string;
  readonly q: string;
  /** Only names in one of these ranges, which are in order and share nothing. */
  readonly within?: readonly NameRange[];
}

const identity = 'r.id, r.name, r.created_at';
const grantedTo = (type: SubjectType) => `FROM grants g JOIN repositories r ON r.name = g.pattern WHERE g.${type}_id`;

const inWindow = (column: string) =>
  `${column} >= ? AND ${column} < ? AND LOWER(${column}) LIKE ? ESCAPE '!' ORDER BY ${column} LIMIT ?`;

/**
 * Finds what a principal may see without looking at what it may not: a few walks along an index, each in the order of names and no
 * longer than the page, laid over one another. Whether something is really allowed is not decided here but by `decide`.
 */
export class VisibleRepositories {
  readonly #all: PreparedRead<RepositoryRow>;
  readonly #ofVisibility: PreparedRead<RepositoryRow>;
  readonly #granted: ReadonlyMap<SubjectType, PreparedRead<RepositoryRow>>;
  readonly #count: PreparedRead<{ count: number }>;

  constructor(database: Database) {
    this.#all = database.prepare(`SELECT r.* FROM repositories r WHERE ${inWindow('r.name')}`);
    this.#ofVisibility = database.prepare(
      `SELECT r.* FROM repositories r WHERE r.visibility = ? AND ${inWindow('r.name')}`,
    );
    const granted = (type: SubjectType) =>
      database.prepare<RepositoryRow>(
        `SELECT r.* ${grantedTo(type)} = ? AND g.prefix IS NULL AND ${inWindow('g.pattern')}`,
      );
    this.#granted = new Map(subjectTypes.map((type) => [type, granted(type)]));
    this.#count = database.prepare('SELECT COUNT(*) AS count FROM repositories WHERE name >= ? AND name < ?');
  }

  /** By name in byte order, none twice. */
  async page(
    principal: Principal,
    given: Given,
    { limit, after, q, within = [allNames] }: Asked,
  ): Promise<Repository[]> {
    const rest = { from: following(after), to: allNames.to };
    return this.#inOrder(within, { ...rest, limit, q }, async (window) => {
      const walks = await this.#walks(principal, given, window);
      const byName = new Map(walks.flat().map((row) => [row.name, row]));
      return [...byName.values()].sort(byteOrder).slice(0, window.limit);
    }).then((rows) => rows.map(toRepository));
  }

  /** Repositories of these names, whoever may see them. */
  async namesIn({ from, to }: NameRange, limit: number): Promise<Repository[]> {
    return (await this.#all.list(from, to, containing(''), limit)).map(toRepository);
  }

  async count({ from, to }: NameRange): Promise<number> {
    return (await this.#count.find(from, to))?.count ?? 0;
  }

  async #walks(principal: Principal, { wildcards, holders }: Given, window: Window): Promise<RepositoryRow[][]> {
    const below = namesOfAny(wildcards.map(({ pattern }) => pattern));
    const seesAll = principal.kind === 'user' && (principal.role === 'admin' || below[0]?.to === allNames.to);
    if (seesAll) return [await this.#all.list(...bounds(window))];
    return Promise.all([
      ...openTo(principal).map((one) => this.#ofVisibility.list(one, ...bounds(window))),
      ...holders.map(({ type, id }) => this.#granted.get(type)?.list(id, ...bounds(window)) ?? []),
      this.#inOrder(below, window, (part) => this.#all.list(...bounds(part))),
    ]);
  }

  /** Walks the ranges one after the other, as far as they are in the window, until the page is full. */
  async #inOrder(
    ranges: readonly NameRange[],
    window: Window,
    walk: (part: Window) => Promise<RepositoryRow[]>,
  ): Promise<RepositoryRow[]> {
    const found: RepositoryRow[] = [];
    for (const range of ranges) {
      if (found.length >= window.limit) break;
      const part = namesInBoth(range, window);
      if (part !== undefined) found.push(...(await walk({ ...window, ...part, limit: window.limit - found.length })));
    }
    return found;
  }
}

/**
 * All of them at once, as `id`, `name` and `created_at`, for counts over what is in them: a query for `Database.search`.
 * @param within as in {@link Asked}
 */
export function selectVisible(
  principal: Principal,
  { wildcards, holders }: Given,
  within: readonly NameRange[] | undefined,
): Selection {
  const below = namesOfAny(wildcards.map(({ pattern }) => pattern));
  const ranges = principal.kind === 'user' && principal.role === 'admin' ? [allNames] : below;
  const arms = [inRanges(ranges)];
  if (ranges[0]?.to !== allNames.to) {
    const open = openTo(principal);
    arms.push({
      sql: `SELECT ${identity} FROM repositories r WHERE r.visibility IN (${list(open)})`,
      values: open,
    });
    for (const type of subjectTypes) {
      const ids = holders.filter((holder) => holder.type === type).map(({ id }) => id);
      const sql = `SELECT ${identity} ${grantedTo(type)} IN (${list(ids)}) AND g.prefix IS NULL`;
      if (ids.length > 0) arms.push({ sql, values: ids });
    }
  }
  const seen = { sql: arms.map(({ sql }) => sql).join(' UNION '), values: arms.flatMap(({ values }) => values) };
  if (within === undefined) return seen;
  const narrow = inRanges(within);
  return { sql: `${narrow.sql} INTERSECT SELECT * FROM (${seen.sql})`, values: [...narrow.values, ...seen.values] };
}

function inRanges(ranges: readonly NameRange[]): Selection {
  if (ranges.length === 0) return { sql: `SELECT ${identity} FROM repositories r WHERE FALSE`, values: [] };
  const rows = ranges.map(() => '(?, ?)').join(', ');
  return {
    sql: `SELECT ${identity} FROM (VALUES ${rows}) AS bounds CROSS JOIN repositories r
      WHERE r.name >= bounds.column1 AND r.name < bounds.column2`,
    values: ranges.flatMap(({ from, to }) => [from, to]),
  };
}

function list(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

function bounds({ from, to, q, limit }: Window): [from: string, to: string, like: string, limit: number] {
  return [from, to, containing(q), limit];
}

/** Visibilities that need no grant. */
function openTo(principal: Principal): Visibility[] {
  return principal.kind === 'anonymous' ? ['public'] : ['internal', 'public'];
}

function byteOrder(a: RepositoryRow, b: RepositoryRow): number {
  // Names are ASCII, where code units and bytes sort alike.
  return a.name < b.name ? -1 : 1;
}
