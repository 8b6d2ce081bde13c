import { Injectable } from '@nestjs/common';
import { Database, type PreparedRead } from '../database/database.js';
import { containing, type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { Digest } from '../oci/digest.js';
import { isTag, type Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { splitPlatforms } from './platforms.js';

/** One line of a repository's tag table. */
export interface TagItem {
  readonly name: Tag;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes a full pull transfers; of an index, all its children. */
  readonly totalSize: number;
  /** `linux/amd64` */
  readonly platforms: readonly string[];
  readonly pushedAt: Date;
  /** Username; null when the account is gone. */
  readonly pushedBy: string | null;
  /** Other tags of the same manifest, the first ten. */
  readonly aliases: readonly Tag[];
}

export type TagPage = Page<TagItem>;

export interface TagQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** By name in byte order, or the latest push first. */
  readonly sort: 'name' | 'pushed';
  /** Part of a name, in any case. */
  readonly q?: string;
}

/** Other tags shown beside each tag. */
const maxAliases = 10;

const inRepository = 'repository_id = (SELECT id FROM repositories WHERE name = ?)';
const namesAfter = `SELECT name FROM tags WHERE ${inRepository} AND name > ? ORDER BY name LIMIT ?`;
const items = `SELECT t.name, t.manifest_id AS "manifestId", t.pushed_at AS "pushedAt", u.username AS "pushedBy",
  m.digest, m.media_type AS "mediaType", m.total_size AS "totalSize", m.platforms
  FROM tags t JOIN manifests m ON m.id = t.manifest_id LEFT JOIN users u ON u.id = t.pushed_by
  WHERE t.${inRepository} AND LOWER(t.name) LIKE ? ESCAPE '!'`;
const itemsByName = `${items} AND t.name > ? ORDER BY t.name LIMIT ?`;
const itemsByPush = `${items} AND (t.pushed_at, t.name) < (?, ?) ORDER BY t.pushed_at DESC, t.name DESC LIMIT ?`;
export const tagQueries = [namesAfter, itemsByName, itemsByPush];

interface ItemRow {
  readonly name: Tag;
  readonly manifestId: number;
  readonly pushedAt: number;
  readonly pushedBy: string | null;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly totalSize: number;
  readonly platforms: string;
}

/** Lists of tags. Every page costs the same, wherever it begins. */
@Injectable()
export class Tags {
  readonly #namesAfter: PreparedRead<{ name: Tag }>;
  readonly #itemsByName: PreparedRead<ItemRow>;
  readonly #itemsByPush: PreparedRead<ItemRow>;

  constructor(private readonly database: Database) {
    this.#namesAfter = database.prepare(namesAfter);
    this.#itemsByName = database.prepare(itemsByName);
    this.#itemsByPush = database.prepare(itemsByPush);
  }

  /** Names in byte order, those behind `last` when it is given (which need not be a tag). None for an unknown repository. */
  async list(repository: RepositoryName, { limit, last = '' }: { readonly limit: number; readonly last?: string }) {
    const rows = await this.#namesAfter.list(repository, last, limit);
    return rows.map(({ name }) => name);
  }

  /** Throws VALIDATION_FAILED for a cursor that no page gave. */
  async page(repository: RepositoryName, query: TagQuery): Promise<TagPage> {
    const rows = await this.#rows(repository, query);
    const placeOf = ({ name, pushedAt }: ItemRow) => (query.sort === 'name' ? name : `${pushedAt}:${name}`);
    const page = pageOf(rows, query.limit, placeOf);
    const siblings = await this.#siblings(page.items);
    return { ...page, items: page.items.map((row) => toItem(row, siblings.get(row.manifestId) ?? [])) };
  }

  /** One more than asked for, which tells whether there is a next page. */
  #rows(repository: RepositoryName, { limit, cursor, sort, q = '' }: TagQuery): Promise<ItemRow[]> {
    const like = containing(q);
    if (sort === 'name') return this.#itemsByName.list(repository, like, cursor ?? '', limit + 1);
    const { pushedAt, name } = cursor === undefined ? newest : parsePushCursor(cursor);
    return this.#itemsByPush.list(repository, like, pushedAt, name, limit + 1);
  }

  async #siblings(rows: readonly ItemRow[]): Promise<Map<number, Tag[]>> {
    const manifests = [...new Set(rows.map(({ manifestId }) => manifestId))];
    const siblings = new Map<number, Tag[]>(manifests.map((id) => [id, []]));
    if (manifests.length === 0) return siblings;
    // One more than is shown, because a tag is no alias of itself.
    const found = await this.database.read.sql<{ manifestId: number; name: Tag }[]>`
      SELECT "manifestId", name FROM (
        SELECT manifest_id AS "manifestId", name, ROW_NUMBER() OVER (PARTITION BY manifest_id ORDER BY name) AS place
        FROM tags WHERE manifest_id IN (${() => manifests})) ranked
      WHERE place <= ${maxAliases + 1}`;
    for (const { manifestId, name } of found) siblings.get(manifestId)?.push(name);
    return siblings;
  }
}

const newest = { pushedAt: Number.MAX_SAFE_INTEGER, name: '' };

function parsePushCursor(cursor: string): { pushedAt: number; name: string } {
  const [, pushedAt, name] = /^(\d{1,15}):(.*)$/.exec(cursor) ?? [];
  if (pushedAt === undefined || name === undefined || !isTag(name)) {
    throw new Failure('VALIDATION_FAILED', { message: 'the cursor is not one of this list' });
  }
  return { pushedAt: Number(pushedAt), name };
}

function toItem({ manifestId: _, platforms, pushedAt, totalSize, ...row }: ItemRow, siblings: readonly Tag[]): TagItem {
  return {
    ...row,
    totalSize: Number(totalSize),
    platforms: splitPlatforms(platforms),
    pushedAt: new Date(Number(pushedAt)),
    aliases: siblings.filter((name) => name !== row.name).slice(0, maxAliases),
  };
}
