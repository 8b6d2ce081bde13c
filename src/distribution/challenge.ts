import { formatScope, type Scope } from '../oci/scope.js';

/** Why a request was refused, in the words of RFC 6750 §3.1. */
export type ChallengeError = 'invalid_token' | 'insufficient_scope';

/**
 * The one `WWW-Authenticate` value of a 401: where to get a token, for which service and with which scopes
 * (Distribution's token specification, "How to authenticate"). A second challenge in the same answer breaks docker.
 * @param origin scheme and host of this request, see requestOrigin
 * @param description what docker shows of an `error` in place of words of its own; printable ASCII without quotes
 */
export function bearerChallenge(
  origin: string,
  service: string,
  scopes: readonly Scope[],
  error?: ChallengeError,
  description?: string,
): string {
  const parts = [`realm="${origin}/token"`, `service="${service}"`];
  if (scopes.length > 0) parts.push(`scope="${scopes.map(formatScope).join(' ')}"`);
  if (error !== undefined) parts.push(`error="${error}"`);
  if (description !== undefined) parts.push(`error_description="${description}"`);
  return `Bearer ${parts.join(',')}`;
}
