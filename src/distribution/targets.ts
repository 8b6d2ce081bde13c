import { Failure } from '../errors/failure.js';
import { type Digest, parseDigest } from '../oci/digest.js';
import { isTag, parseReference, type Reference } from '../oci/reference.js';
import type { SessionId } from '../storage/upload-spool.js';

/** Where the last part of a path names nothing. */
export const nothing = (): undefined => undefined;

/** Throws DIGEST_INVALID. */
export function digest(text: string): Digest {
  return parseDigest(decoded(text));
}

/** Throws DIGEST_INVALID or TAG_INVALID. */
export function newReference(text: string): Reference {
  return parseReference(decoded(text));
}

/** Nothing can have been pushed under what is no tag, so there is nothing to read or delete. Throws MANIFEST_UNKNOWN or DIGEST_INVALID. */
export function existingReference(text: string): Reference {
  const plain = decoded(text);
  if (!plain.includes(':') && !isTag(plain)) throw new Failure('MANIFEST_UNKNOWN');
  return parseReference(plain);
}

/** Any text: only `UploadSessions` knows which sessions there are. */
export function session(text: string): SessionId {
  return text;
}

/** Some clients escape the colon of a digest. What cannot be decoded, or has a slash, is no valid reference either. */
function decoded(text: string): string {
  if (!text.includes('%') || text.includes('/')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
