import type { ImageDetail } from '../../images/details.js';
import type { TagItem } from '../../images/tags.js';

export type PresentedTag = Pick<
  TagItem,
  'name' | 'digest' | 'mediaType' | 'totalSize' | 'platforms' | 'pushedAt' | 'pushedBy' | 'aliases'
>;

export function presentTag(tag: TagItem): PresentedTag {
  const { name, digest, mediaType, totalSize, platforms, pushedAt, pushedBy, aliases } = tag;
  return { name, digest, mediaType, totalSize, platforms, pushedAt, pushedBy, aliases };
}

type WithoutRaw<T> = T extends unknown ? Omit<T, 'raw'> : never;
export type PresentedImage = WithoutRaw<ImageDetail>;

/** Everything about an image but its bytes, which have a route of their own. */
export function presentImage({ raw: _bytes, ...image }: ImageDetail): PresentedImage {
  return image;
}
