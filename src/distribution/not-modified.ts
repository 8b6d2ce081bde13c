import type { Digest } from '../oci/digest.js';
import { weaklyIncludesTag } from '../oci/precondition.js';
import { sendEmpty } from './answer.js';
import type { Call } from './call.js';

/** The digest is the entity tag: what has another digest is something else. */
export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

/** Answers 304, and true, when `If-None-Match` says that the client has what it asks for (RFC 9110 §13.1.2). */
export function sendNotModified({ request, response }: Call, digest: Digest): boolean {
  const condition = request.headers['if-none-match'];
  if (condition === undefined || !weaklyIncludesTag(condition, entityTag(digest))) return false;
  sendEmpty(response, 304, 'ETag', entityTag(digest), 'Docker-Content-Digest', digest);
  return true;
}
