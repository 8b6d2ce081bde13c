import { Failure } from '../errors/failure.js';
import { type Digest, parseDigest } from './digest.js';

/** A name that points to one manifest of a repository and may be moved (distribution-spec "Pulling manifests"). */
export type Tag = string & { readonly __brand: 'Tag' };

export type Reference =
  | { readonly kind: 'tag'; readonly tag: Tag }
  | { readonly kind: 'digest'; readonly digest: Digest };

const grammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

export function isTag(text: string): text is Tag {
  return grammar.test(text);
}

/** Throws TAG_INVALID. */
export function parseTag(text: string): Tag {
  if (!isTag(text)) throw new Failure('TAG_INVALID');
  return text;
}

/** A digest when there is a colon, because no tag has one. Throws DIGEST_INVALID or TAG_INVALID. */
export function parseReference(text: string): Reference {
  return text.includes(':') ? { kind: 'digest', digest: parseDigest(text) } : { kind: 'tag', tag: parseTag(text) };
}

export function formatReference(reference: Reference): string {
  return reference.kind === 'tag' ? reference.tag : reference.digest;
}
