import { fitting, type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { saturated } from '../oci/saturated.js';
import { splitPlatforms } from './platforms.js';
import { cursorOf, type TagRow, type TagSearch, TagStore } from './tags.store.js';

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

export interface TagQuery extends TagSearch {
  readonly room?: TagRoom;
}

/** What a page may take where `limit` tags could take more: it ends early then, with at least one. */
export interface TagRoom {
  readonly bytes: number;
  readonly weigh: (tag: TagItem) => number;
}

/** Other tags shown beside each tag. */
const maxAliases = 10;

/** Lists of tags. */
export class Tags {
  constructor(private readonly store: TagStore) {}

  /** Names in byte order, those behind `last` when it is given (which need not be a tag). None for an unknown repository. */
  list(repository: RepositoryName, { limit, last = '' }: { readonly limit: number; readonly last?: string }) {
    return this.store.namesAfter(repository, last, limit);
  }

  /** Throws VALIDATION_FAILED for a cursor that no page in this order gave. */
  async page(repository: RepositoryName, query: TagQuery): Promise<TagPage> {
    // One more than asked for, which tells whether there is a next page.
    const rows = await this.store.rows(repository, { ...query, limit: query.limit + 1 });
    const items = await Promise.all(rows.slice(0, query.limit).map((row) => this.#withAliases(row)));
    const { room } = query;
    // Never none: a page without anything would have no place to read on from.
    const limit = room === undefined ? query.limit : Math.max(fitting(items, room.bytes, room.weigh).items.length, 1);
    return { ...pageOf(rows, limit, (row) => cursorOf(query.sort, row)), items: items.slice(0, limit) };
  }

  /** How many there are whose name has the text in it. */
  count(repository: RepositoryName, q = '', by?: Seeker): Promise<number> {
    return this.store.count(repository, q, by);
  }

  async #withAliases(row: TagRow): Promise<TagItem> {
    // One more than is shown, because a tag is no alias of itself.
    const names = await this.store.ofManifest(row, maxAliases + 1);
    const aliases = names.filter((name) => name !== row.name);
    return toItem(row, aliases.slice(0, maxAliases));
  }
}

function toItem(
  { repositoryId: _, manifestId: __, platforms, pushedAt, totalSize, ...row }: TagRow,
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
