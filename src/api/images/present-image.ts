import type { ImageDetail } from '../../images/details.js';
import type { TagMove } from '../../images/tag-history.store.js';
import type { TagItem } from '../../images/tags.js';
import { type Named, named } from '../audit/present-event.js';

export type PresentedTag = Pick<
  TagItem,
  'name' | 'digest' | 'mediaType' | 'totalSize' | 'platforms' | 'pushedAt' | 'pushedBy' | 'aliases'
>;

export function presentTag(tag: TagItem): PresentedTag {
  const { name, digest, mediaType, totalSize, platforms, pushedAt, pushedBy, aliases } = tag;
  return { name, digest, mediaType, totalSize, platforms, pushedAt, pushedBy, aliases };
}

export interface PresentedMove extends Omit<TagMove, 'actor'> {
  readonly actor: Named | null;
}

export function presentMove({ digest, at, actor, present }: TagMove): PresentedMove {
  return { digest, at, actor: actor === null ? null : named(actor), present };
}

type WithoutRaw<T> = T extends unknown ? Omit<T, 'raw' | 'rawIsWhole'> : never;
export type PresentedImage = WithoutRaw<ImageDetail>;

/** Everything about an image but its bytes, which have a route of their own. */
export function presentImage({ raw: _bytes, rawIsWhole: _whole, ...image }: ImageDetail): PresentedImage {
  return image;
}
