import { isAdministrator, type Principal } from '../access/principal.js';
import { type SubjectType, subjectTypes } from '../access/subject.js';
import type { Visibility } from '../access/visibility.js';
import type { Database, PreparedRead, Selection } from '../database/database.js';
import { containedIn, containing, fieldOf, itemOf, joinEach, listed, listOf, setDigest } from '../database/dialect.js';
import { behindPlace, inListOrder, listOrder, placeIn, placeValues, sortsBy } from '../database/list-order.js';
import type { Seeker } from '../database/seeker.js';
import { type Repository, type RepositoryRow, toRepository } from '../repositories/repository.js';
import { type GrantedNames, listOfRanges } from './granted-names.js';
import { allNames, following, type NameRange, namesInBoth } from './name-range.js';

/** At most `limit` repositories of these names. */
interface Window extends NameRange {
  readonly limit: number;
}

export const repositorySorts = sortsBy('name', 'pushedAt', 'createdAt');
/** By name in byte order, or by a time, where never is first; backwards behind a dash. */
export type RepositorySort = (typeof repositorySorts)[number];

export interface RepositorySearch {
  readonly limit: number;
  /** The place of the last of the page before, see {@link placeOfRepository}. */
  readonly after: string | undefined;
  /** Part of a name, in any case. */
  readonly q: string;
  readonly sort: RepositorySort;
  readonly by: Seeker | undefined;
}

export interface NamePage {
  readonly limit: number;
  /** Behind this name. */
  readonly after: string;
  /** Only names in one of these ranges, which are in order and share nothing. */
  readonly within?: readonly NameRange[];
}

const identity = 'r.id, r.name, r.created_at';
/** Ranges that are walked between two turns of the event loop. */
const rangesAtOnce = 256;
/** Each range along the index of names, one after the other; nothing is sorted, so that a limit ends the walk. */
const inListedRanges = `${listed('bounds')} ${joinEach} repository_list r
  WHERE r.name >= ${fieldOf('bounds', 0)} AND r.name < ${fieldOf('bounds', 1)}`;

const inWindow = (column: string) => `${column} >= ? AND ${column} < ? ORDER BY ${column} LIMIT ?`;

const keys = { pushedAt: { number: 'COALESCE(r.pushed_at, 0)' }, createdAt: { number: 'r.created_at' } };
const orderOf = (sort: RepositorySort) => listOrder(sort, 'r.name', keys);

/**
 * Finds what a principal may see without looking at what it may not: a few walks along an index, each in the order of names and no
 * longer than the page, laid over one another. Whether something is really allowed is not decided here but by `decide`.
 */
export class VisibleRepositories {
  readonly #all: PreparedRead<RepositoryRow>;
  readonly #inRanges: PreparedRead<RepositoryRow>;
  readonly #ofVisibility: PreparedRead<RepositoryRow>;
  readonly #granted: ReadonlyMap<SubjectType, PreparedRead<RepositoryRow>>;
  readonly #count: PreparedRead<{ count: number }>;

  constructor(private readonly database: Database) {
    this.#all = database.prepare(`SELECT r.* FROM repository_list r WHERE ${inWindow('r.name')}`);
    this.#inRanges = database.prepare(`SELECT r.* FROM ${inListedRanges} LIMIT ?`);
    this.#ofVisibility = database.prepare(
      `SELECT r.* FROM repository_list r WHERE r.visibility = ? AND ${inWindow('r.name')}`,
    );
    const grantedTo = (type: SubjectType) =>
      database.prepare<RepositoryRow>(
        `SELECT r.* FROM grants g JOIN repository_list r ON r.name = g.pattern
          WHERE g.${type}_id = ? AND g.prefix IS NULL AND ${inWindow('g.pattern')}`,
      );
    this.#granted = new Map(subjectTypes.map((type) => [type, grantedTo(type)]));
    this.#count = database.prepare('SELECT COUNT(*) AS count FROM repository_list WHERE name >= ? AND name < ?');
  }

  /** By name in byte order, none twice. */
  async page(
    principal: Principal,
    granted: GrantedNames,
    { limit, after, within = [allNames] }: NamePage,
  ): Promise<Repository[]> {
    const rest = { from: following(after), to: allNames.to };
    return this.#inOrder(within, { ...rest, limit }, async (window) => {
      const walks = await this.#walks(principal, granted, window);
      const byName = new Map(walks.flat().map((row) => [row.name, row]));
      return [...byName.values()].sort(byteOrder).slice(0, window.limit);
    }).then((rows) => rows.map(toRepository));
  }

  /** Some of what {@link selectVisible} selects, in any order: looks at all of it, in the process for searches. */
  async search(visible: Selection, { limit, after, q, sort, by }: RepositorySearch): Promise<Repository[]> {
    const order = orderOf(sort);
    const rows = await this.database.search<RepositoryRow>(
      `SELECT r.* FROM (${visible.sql}) AS visible JOIN repository_list r ON r.id = visible.id
        WHERE ${containedIn('r.name')} AND ${behindPlace(order)} ORDER BY ${inListOrder(order)} LIMIT ?`,
      [...visible.values, containing(q), ...placeValues(order, after), limit],
      by,
    );
    return rows.map(toRepository);
  }

  /** How many of them have the text in their name. */
  async countIn(visible: Selection, q: string, by: Seeker | undefined): Promise<number> {
    const sql = `SELECT COUNT(*) AS count FROM (${visible.sql}) AS visible WHERE ${containedIn('name')}`;
    const [row] = await this.database.search<{ count: number }>(sql, [...visible.values, containing(q)], by);
    return row?.count ?? 0;
  }

  /** A text that no two sets of repositories share: the digest of them all. */
  async identify({ sql, values }: Selection, by: Seeker | undefined): Promise<string> {
    const [row] = await this.database.search<{ digest: string }>(
      `SELECT ${setDigest('id')} AS digest FROM (${sql}) AS visible`,
      values,
      by,
    );
    if (!row) throw new Error('the database returned no row for a digest');
    return row.digest;
  }

  /** Repositories of these names, whoever may see them. */
  async namesIn({ from, to }: NameRange, limit: number): Promise<Repository[]> {
    return (await this.#all.list(from, to, limit)).map(toRepository);
  }

  async count({ from, to }: NameRange): Promise<number> {
    return (await this.#count.find(from, to))?.count ?? 0;
  }

  async #walks(principal: Principal, { below, holders }: GrantedNames, window: Window): Promise<RepositoryRow[][]> {
    const seesAll = isAdministrator(principal) || (principal.kind === 'user' && below[0]?.to === allNames.to);
    if (seesAll) return [await this.#all.list(...bounds(window))];
    return Promise.all([
      ...openTo(principal).map((one) => this.#ofVisibility.list(one, ...bounds(window))),
      ...holders.map(({ type, id }) => this.#granted.get(type)?.list(id, ...bounds(window)) ?? []),
      this.#below(below, window),
    ]);
  }

  /** What is in any of the ranges, which are in order and share nothing, as far as it is in the window. */
  async #below(ranges: readonly NameRange[], window: Window): Promise<RepositoryRow[]> {
    const parts = ranges.flatMap((range) => namesInBoth(range, window) ?? []);
    const found: RepositoryRow[] = [];
    for (let start = 0; start < parts.length && found.length < window.limit; start += rangesAtOnce) {
      if (start > 0) await new Promise(setImmediate);
      const some = listOfRanges(parts.slice(start, start + rangesAtOnce));
      found.push(...(await this.#inRanges.list(some, window.limit - found.length)));
    }
    return found;
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

/** Where the next page in this order begins. */
export function placeOfRepository(sort: RepositorySort, { name, pushedAt, createdAt }: Repository): string {
  const time = sort.endsWith('pushedAt') ? pushedAt : createdAt;
  return placeIn(orderOf(sort), { name, number: time?.getTime() ?? 0 });
}

/**
 * All of them at once, as `id`, `name` and `created_at`, for counts over what is in them: a query for `Database.search`.
 * @param within as in {@link NamePage}
 */
export function selectVisible(
  principal: Principal,
  granted: GrantedNames,
  within: readonly NameRange[] | undefined,
): Selection {
  const { below, holders } = granted;
  const seesAll = isAdministrator(principal) || below[0]?.to === allNames.to;
  const arms = [inRanges(seesAll ? listOfRanges([allNames]) : granted.listedBelow)];
  if (!seesAll) {
    arms.push({
      sql: `SELECT ${identity} FROM ${listed('open')} ${joinEach} repository_list r WHERE r.visibility = ${itemOf('open')}`,
      values: [listOf(openTo(principal))],
    });
    for (const type of subjectTypes) {
      const ids = holders.filter((holder) => holder.type === type).map(({ id }) => id);
      const sql = `SELECT ${identity} FROM ${listed('holders')} ${joinEach} grants g JOIN repository_list r ON r.name = g.pattern
        WHERE g.${type}_id = ${itemOf('holders')} AND g.prefix IS NULL`;
      if (ids.length > 0) arms.push({ sql, values: [listOf(ids)] });
    }
  }
  const seen = { sql: arms.map(({ sql }) => sql).join(' UNION '), values: arms.flatMap(({ values }) => values) };
  if (within === undefined) return seen;
  const narrow = inRanges(listOfRanges(within));
  return { sql: `${narrow.sql} INTERSECT SELECT * FROM (${seen.sql})`, values: [...narrow.values, ...seen.values] };
}

function inRanges(ranges: string): Selection {
  return { sql: `SELECT ${identity} FROM ${inListedRanges}`, values: [ranges] };
}

function bounds({ from, to, limit }: Window): [from: string, to: string, limit: number] {
  return [from, to, limit];
}

/** Visibilities that need no grant. */
function openTo(principal: Principal): Visibility[] {
  return principal.kind === 'anonymous' ? ['public'] : ['internal', 'public'];
}

function byteOrder(a: RepositoryRow, b: RepositoryRow): number {
  // Names are ASCII, where code units and bytes sort alike.
  return a.name < b.name ? -1 : 1;
}
