import { Injectable } from '@nestjs/common';
import { Database, type PreparedRead } from '../database/database.js';
import { behindPlace, inListOrder, listOrder, placeIn, placeValues, sortsBy } from '../database/list-order.js';
import { containing, fitting, type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { saturated } from '../oci/saturated.js';
import { splitPlatforms } from './platforms.js';

/** One line of a repository's tag table. */
export interface TagItem {
  readonly name: Tag;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes a full pull transfers; of an index, all its children. */
  readonly totalSize: number;
  /** `linux/amd64`; the first 32. */
  readonly platforms: readonly string[];
  readonly pushedAt: Date;
  /** Username; null when the account is gone. */
  readonly pushedBy: string | null;
  /** Other tags of the same manifest, the first ten. */
  readonly aliases: readonly Tag[];
}

export type TagPage = Page<TagItem>;

export const tagSorts = sortsBy('name', 'pushedAt', 'size', 'version');
/** By name in byte order, by size, by version (numbers in the name count as numbers), or by the time of the push; backwards behind a dash. */
export type TagSort = (typeof tagSorts)[number];

export interface TagQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly sort: TagSort;
  /** Part of a name, in any case. */
  readonly q?: string;
  readonly room?: TagRoom;
  /** Whose turn a search is. */
  readonly by?: Seeker;
}

/** What a page may take where `limit` tags could take more: it ends early then, with at least one. */
export interface TagRoom {
  readonly bytes: number;
  readonly weigh: (tag: TagItem) => number;
}

/** Other tags shown beside each tag. */
const maxAliases = 10;

const keys = {
  pushedAt: { number: 't.pushed_at' },
  size: { number: 'm.total_size' },
  version: { ofName: 'natural_key' },
};
const orderOf = (sort: TagSort) => listOrder(sort, 't.name', keys);

const inRepository = 'repository_id = (SELECT id FROM repositories WHERE name = ?)';
const namesAfter = `SELECT name FROM tags WHERE ${inRepository} AND name > ? ORDER BY name LIMIT ?`;
const siblings = 'SELECT name FROM tags WHERE manifest_id = ? AND repository_id = ? ORDER BY name LIMIT ?';
const matching = `t.${inRepository} AND LOWER(t.name) LIKE ? ESCAPE '!'`;
const pageIn = (sort: TagSort, which: string) => `SELECT t.name, t.repository_id AS "repositoryId",
  t.manifest_id AS "manifestId", t.pushed_at AS "pushedAt", u.username AS "pushedBy",
  m.digest, m.media_type AS "mediaType", m.total_size AS "totalSize", m.platforms
  FROM tags t JOIN manifests m ON m.id = t.manifest_id LEFT JOIN users u ON u.id = t.pushed_by
  WHERE ${which} AND ${behindPlace(orderOf(sort))} ORDER BY ${inListOrder(orderOf(sort))} LIMIT ?`;

/** Orders there is an index for: their pages cost the same wherever they begin. */
const indexed = sortsBy('name', 'pushedAt').map((sort) => [sort, pageIn(sort, `t.${inRepository}`)] as const);
export const tagQueries = [namesAfter, siblings, ...indexed.map(([, sql]) => sql)];

interface ItemRow {
  readonly name: Tag;
  readonly repositoryId: number;
  readonly manifestId: number;
  readonly pushedAt: number;
  readonly pushedBy: string | null;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly totalSize: number;
  readonly platforms: string;
}

/** Lists of tags. What has to look at all tags of a repository runs in the process for searches. */
@Injectable()
export class Tags {
  readonly #namesAfter: PreparedRead<{ name: Tag }>;
  readonly #siblings: PreparedRead<{ name: Tag }>;
  readonly #pages: ReadonlyMap<TagSort, PreparedRead<ItemRow>>;

  constructor(private readonly database: Database) {
    this.#namesAfter = database.prepare(namesAfter);
    this.#siblings = database.prepare(siblings);
    this.#pages = new Map(indexed.map(([sort, sql]) => [sort, database.prepare(sql)]));
  }

  /** Names in byte order, those behind `last` when it is given (which need not be a tag). None for an unknown repository. */
  async list(repository: RepositoryName, { limit, last = '' }: { readonly limit: number; readonly last?: string }) {
    const rows = await this.#namesAfter.list(repository, last, limit);
    return rows.map(({ name }) => name);
  }

  /** Throws VALIDATION_FAILED for a cursor that no page in this order gave. */
  async page(repository: RepositoryName, query: TagQuery): Promise<TagPage> {
    const rows = await this.#rows(repository, query);
    const order = orderOf(query.sort);
    const numberOf = (row: ItemRow) => saturated(Number(query.sort.endsWith('size') ? row.totalSize : row.pushedAt));
    const place = (row: ItemRow) => placeIn(order, { name: row.name, number: numberOf(row) });
    const items = await Promise.all(rows.slice(0, query.limit).map((row) => this.#withAliases(row)));
    const { room } = query;
    // Never none: a page without anything would have no place to read on from.
    const limit = room === undefined ? query.limit : Math.max(fitting(items, room.bytes, room.weigh).items.length, 1);
    return { ...pageOf(rows, limit, place), items: items.slice(0, limit) };
  }

  async #withAliases(row: ItemRow): Promise<TagItem> {
    // One more than is shown, because a tag is no alias of itself.
    const names = await this.#siblings.list(row.manifestId, row.repositoryId, maxAliases + 1);
    const aliases = names.map(({ name }) => name).filter((name) => name !== row.name);
    return toItem(row, aliases.slice(0, maxAliases));
  }

  /** How many there are whose name has the text in it. */
  async count(repository: RepositoryName, q = '', by?: Seeker): Promise<number> {
    const sql = `SELECT COUNT(*) AS count FROM tags t WHERE ${matching}`;
    const [row] = await this.database.search<{ count: number }>(sql, [repository, containing(q)], by);
    return row?.count ?? 0;
  }

  /** One more than asked for, which tells whether there is a next page. */
  #rows(repository: RepositoryName, { limit, cursor, sort, q = '', by }: TagQuery): Promise<ItemRow[]> {
    const place = placeValues(orderOf(sort), cursor);
    const prepared = q === '' ? this.#pages.get(sort) : undefined;
    return prepared !== undefined
      ? prepared.list(repository, ...place, limit + 1)
      : this.database.search(pageIn(sort, matching), [repository, containing(q), ...place, limit + 1], by);
  }
}

function toItem(
  { repositoryId: _, manifestId: __, platforms, pushedAt, totalSize, ...row }: ItemRow,
  aliases: readonly Tag[],
): TagItem {
  return {
    ...row,
    totalSize: saturated(Number(totalSize)),
    platforms: splitPlatforms(platforms),
    pushedAt: new Date(Number(pushedAt)),
    aliases,
  };
}
