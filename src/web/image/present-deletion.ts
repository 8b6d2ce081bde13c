import type { ImageFacts } from '../../images/details.js';
import type { Tag } from '../../oci/reference.js';
import type { Locale } from '../rendering/locale.js';
import { presentDigest } from '../repository/present-tags.js';

/** What goes and what stays, before anything does. */
export function presentDeletion(
  { detail, tag, url }: { readonly detail: ImageFacts; readonly tag: Tag | undefined; readonly url: string },
  locale: Locale,
): object {
  const digest = presentDigest(detail.digest);
  const others = detail.tags.filter((other) => other !== tag);
  return {
    what: tag ?? digest.short,
    tag,
    digest,
    back: url,
    action: `${url}/delete`,
    otherTags: others.length === 0 ? undefined : locale.list(others),
    tags: detail.tags,
    tagCount: detail.tags.length,
    hasMoreTags: detail.hasMoreTags,
    platforms: locale.list(detail.platforms),
    referrers: detail.referrers.length,
    hasMoreReferrers: detail.hasMoreReferrers,
    size: detail.totalSize,
  };
}
