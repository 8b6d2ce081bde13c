import type { TagItem, TagPage, TagQuery, TagRoom } from '../../images/tags.js';
import { type Digest, digestHex } from '../../oci/digest.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import { presentPager, unusualSize } from '../navigation/pager.js';
import { withQuery } from '../navigation/safe-path.js';
import { urlOfTag, urlOfTags } from '../navigation/urls.js';
import type { Locale } from '../rendering/locale.js';
import { contentBytes, escapedBytes } from '../rendering/page-bytes.js';

/** As it is shown, and in full for copying. */
export interface PresentedDigest {
  readonly short: string;
  readonly full: Digest;
}

export function presentDigest(digest: Digest): PresentedDigest {
  return { short: digestHex(digest).slice(0, 12), full: digest };
}

interface TagsContext {
  readonly name: RepositoryName;
  readonly host: string;
  readonly mayDelete: boolean;
}

/** Markup of a row of the table, of an alias and of a platform in it, without what is written there; about, and rather more. */
const markup = { row: 1900, alias: 90, platform: 40 };

/** Platforms in a row of the table; the page of the image has more. */
const platformsShown = 8;

/** How much of the table a page takes. */
export function roomForTags({ name, host }: Pick<TagsContext, 'name' | 'host'>): TagRoom {
  const weigh = ({ name: tag, pushedBy, aliases, platforms }: TagItem): number => {
    const url = name.length + tag.length;
    const others = aliases.map((alias) => markup.alias + name.length + 2 * alias.length);
    const tags = platforms.slice(0, platformsShown).map((platform) => markup.platform + platform.length);
    const texts = host.length + escapedBytes(pushedBy ?? '') + 3 * url + 3 * tag.length;
    return [...others, ...tags].reduce((sum, bytes) => sum + bytes, markup.row + texts);
  };
  return { bytes: contentBytes, weigh };
}

/** The table of tags: one row a tag, latest push first unless by name. */
export function presentTags(
  { items, nextCursor }: TagPage,
  { q = '', limit, sort, cursor }: TagQuery,
  { name, host, mayDelete }: TagsContext,
  locale: Locale,
): object {
  const path = urlOfTags(name);
  const keptSort = sort === 'name' ? 'name' : undefined;
  const state = { q, sort: keptSort, limit: unusualSize(limit) };
  const summary = locale.t('tags.shown', { count: items.length });
  return {
    q,
    keptSort,
    sortedByName: sort === 'name',
    sortByName: withQuery(path, { ...state, sort: 'name' }),
    sortByPushed: withQuery(path, { ...state, sort: undefined }),
    sortLabel: locale.t(sort === 'name' ? 'tags.byName' : 'tags.newest'),
    rows: items.map((tag) => ({
      name: tag.name,
      url: urlOfTag(name, tag.name),
      aliases: tag.aliases.map((alias) => ({ name: alias, url: urlOfTag(name, alias) })),
      digest: presentDigest(tag.digest),
      platforms: tag.platforms.slice(0, platformsShown).map((platform) => platform.replace(/^linux\//, '')),
      morePlatforms: Math.max(tag.platforms.length - platformsShown, 0),
      size: tag.totalSize,
      pushedAt: tag.pushedAt,
      pushedBy: tag.pushedBy,
      reference: `${host}/${name}:${tag.name}`,
      removeUrl: mayDelete ? `${urlOfTag(name, tag.name)}/delete` : undefined,
    })),
    pager: presentPager(summary, { limit, cursor, nextCursor }, (place) => withQuery(path, { ...state, ...place })),
  };
}
