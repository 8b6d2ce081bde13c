import type { RepositoryTotals } from '../../images/totals.store.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { RepositoryPage } from '../../permissions/permissions.js';
import { cutText } from '../../text/cut-text.js';
import { presentPager, unusualSize } from '../navigation/pager.js';
import { withQuery } from '../navigation/safe-path.js';
import { urlOfTags } from '../navigation/urls.js';
import type { Locale } from '../rendering/locale.js';
import { actionNames, splitName } from '../repository/present-repository.js';

const path = '/repositories';
/** Characters of a description in the table; the page of the repository has all of it. */
const longestDescription = 160;

export interface RepositoriesQuery {
  readonly q: string;
  readonly limit: number;
  /** The last name of the page before. */
  readonly cursor: string | undefined;
}

/** The table of repositories, by name. */
export function presentRepositories(
  { items, nextCursor }: RepositoryPage,
  totals: ReadonlyMap<RepositoryName, RepositoryTotals>,
  { q, limit, cursor }: RepositoriesQuery,
  locale: Locale,
): object {
  const count = { count: items.length };
  const whole = cursor === undefined && nextCursor === undefined;
  const summary = locale.t(whole ? 'repositories.found' : 'repositories.shown', count);
  return {
    q,
    keptLimit: unusualSize(limit),
    summary,
    rows: items.map(({ name, visibility, description, pushedAt, actions }) => ({
      url: urlOfTags(name),
      ...splitName(name),
      visibility,
      description: cutText(description, longestDescription),
      pushedAt,
      tags: totals.get(name)?.tags ?? 0,
      size: totals.get(name)?.size ?? 0,
      rights: actionNames([...actions], locale),
    })),
    pager: presentPager(summary, { limit, cursor, nextCursor }, (place) => withQuery(path, { q, ...place })),
  };
}
