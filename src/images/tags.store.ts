import { setImmediate as turn } from 'node:timers/promises';

import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import { Database, type PreparedRead } from '../database/database.js';
import { containedIn, containing, naturalOrder } from '../database/dialect.js';
import { behindPlace, inListOrder, listOrder, placeIn, placeValues, sortsBy } from '../database/list-order.js';
import type { Seeker } from '../database/seeker.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { saturated } from '../oci/saturated.js';
import { batchSize } from './in-batches.js';
import type { Push, SavedManifest } from './manifests.store.js';
import { recordMove, recordRemovals } from './tag-history.store.js';

export const tagSorts = sortsBy('name', 'pushedAt', 'size', 'version');
/** By name in byte order, by size, by version (numbers in the name count as numbers), or by the time of the push; backwards behind a dash. */
export type TagSort = (typeof tagSorts)[number];

export interface TagSearch {
  /** Rows. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort: TagSort;
  /** Part of a name, in any case. */
  readonly q?: string | undefined;
  /** Whose turn a search is. */
  readonly by?: Seeker | undefined;
}

/** A tag with its manifest. */
export interface TagRow {
  readonly name: Tag;
  readonly repositoryId: number;
  readonly manifestId: number;
  /** Milliseconds. */
  readonly pushedAt: number;
  readonly pushedBy: string | null;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly totalSize: number;
  /** Separated by commas. */
  readonly platforms: string;
}

const keys = {
  pushedAt: { number: 't.pushed_at' },
  size: { number: 'm.total_size' },
  version: { ofName: naturalOrder },
};
const orderOf = (sort: TagSort) => listOrder(sort, 't.name', keys);

const inRepository = 'repository_id = (SELECT id FROM repository_list WHERE name = ?)';
const namesAfter = `SELECT name FROM tags WHERE ${inRepository} AND name > ? ORDER BY name LIMIT ?`;
const ofManifest = 'SELECT name FROM tags WHERE manifest_id = ? AND repository_id = ? ORDER BY name LIMIT ?';
const matching = `t.${inRepository} AND ${containedIn('t.name')}`;
const pageIn = (sort: TagSort, which: string) => `SELECT t.name, t.repository_id AS "repositoryId",
  t.manifest_id AS "manifestId", t.pushed_at AS "pushedAt", u.username AS "pushedBy",
  m.digest, m.media_type AS "mediaType", m.total_size AS "totalSize", m.platforms
  FROM tags t JOIN manifests m ON m.id = t.manifest_id LEFT JOIN user_names u ON u.id = t.pushed_by
  WHERE ${which} AND ${behindPlace(orderOf(sort))} ORDER BY ${inListOrder(orderOf(sort))} LIMIT ?`;

/** Orders there is an index for: their pages cost the same wherever they begin. */
const indexed = sortsBy('name', 'pushedAt').map((sort) => [sort, pageIn(sort, `t.${inRepository}`)] as const);
export const tagQueries = [namesAfter, ofManifest, ...indexed.map(([, sql]) => sql)];

/** The rows of tags, for those who read. What has to look at all tags of a repository runs in the process for searches. */
export class TagStore {
  readonly #namesAfter: PreparedRead<{ name: Tag }>;
  readonly #ofManifest: PreparedRead<{ name: Tag }>;
  readonly #pages: ReadonlyMap<TagSort, PreparedRead<TagRow>>;

  constructor(private readonly database: Database) {
    this.#namesAfter = database.prepare(namesAfter);
    this.#ofManifest = database.prepare(ofManifest);
    this.#pages = new Map(indexed.map(([sort, sql]) => [sort, database.prepare(sql)]));
  }

  /** Names in byte order, those behind `last`. */
  namesAfter(repository: RepositoryName, last: string, limit: number): Promise<Tag[]> {
    return this.#namesAfter.column(repository, last, limit);
  }

  /** The first tags of one manifest, in byte order. */
  ofManifest({ manifestId, repositoryId }: Pick<TagRow, 'manifestId' | 'repositoryId'>, limit: number): Promise<Tag[]> {
    return this.#ofManifest.column(manifestId, repositoryId, limit);
  }

  /** Those behind the cursor. Throws VALIDATION_FAILED for a cursor that no page in this order gave. */
  async rows(repository: RepositoryName, { limit, cursor, sort, q = '', by }: TagSearch): Promise<TagRow[]> {
    const place = placeValues(orderOf(sort), cursor);
    const prepared = q === '' ? this.#pages.get(sort) : undefined;
    return prepared !== undefined
      ? prepared.list(repository, ...place, limit)
      : this.database.search(pageIn(sort, matching), [repository, containing(q), ...place, limit], by);
  }

  /** How many there are whose name has the text in it. */
  async count(repository: RepositoryName, q: string, by: Seeker | undefined): Promise<number> {
    const sql = `SELECT COUNT(*) AS count FROM tags t WHERE ${matching}`;
    const [row] = await this.database.search<{ count: number }>(sql, [repository, containing(q)], by);
    return row?.count ?? 0;
  }
}

/** The cursor of the page behind this row. */
export function cursorOf(sort: TagSort, { name, totalSize, pushedAt }: TagRow): string {
  const number = saturated(Number(sort.endsWith('size') ? totalSize : pushedAt));
  return placeIn(orderOf(sort), { name, number });
}

/** Points a tag to a manifest, and notes the move. */
export async function saveTag(
  tx: EntityManager,
  repositoryId: number,
  tag: Tag,
  manifest: SavedManifest,
  { at, by }: Push,
) {
  await recordMove(tx, repositoryId, tag, manifest, at);
  await tx.sql`
    INSERT INTO tags (repository_id, name, manifest_id, pushed_at, pushed_by)
    VALUES (${repositoryId}, ${tag}, ${manifest.id}, ${at.getTime()}, ${by})
    ON CONFLICT (repository_id, name) DO UPDATE
      SET manifest_id = excluded.manifest_id, pushed_at = excluded.pushed_at, pushed_by = excluded.pushed_by`;
}

/** Deletes a tag, and notes that. */
export async function removeTag(tx: EntityManager, repositoryId: number, tag: Tag): Promise<void> {
  await recordMove(tx, repositoryId, tag, undefined, new Date(clock.wall()));
  await tx.sql`DELETE FROM tags WHERE repository_id = ${repositoryId} AND name = ${tag}`;
}

/** Deletes the tags of a manifest, and notes that; gives their names. However many there are, others have their turn in between. */
export async function removeTags(tx: EntityManager, repositoryId: number, manifestId: number): Promise<Tag[]> {
  const names: Tag[] = [];
  for (;;) {
    const tags = await tx.sql<{ name: Tag }[]>`
      SELECT name FROM tags WHERE manifest_id = ${manifestId} AND repository_id = ${repositoryId}
      ORDER BY name LIMIT ${batchSize}`;
    const [first, last] = [tags[0]?.name, tags.at(-1)?.name];
    if (first === undefined || last === undefined) return names;
    await recordRemovals(tx, { repositoryId, manifestId, first, last });
    await tx.sql`
      DELETE FROM tags WHERE manifest_id = ${manifestId} AND repository_id = ${repositoryId} AND name BETWEEN ${first} AND ${last}`;
    names.push(...namesOf(tags));
    if (tags.length < batchSize) return names;
    await turn();
  }
}

function namesOf(rows: readonly { readonly name: Tag }[]): Tag[] {
  return rows.map(({ name }) => name);
}
