import type { FailureCode } from '../errors/catalog.js';
import { Failure } from '../errors/failure.js';
import { renderOci } from '../errors/render-oci.js';
import type { Rendered } from '../errors/rendered.js';

/** RFC 6749 §5.2, for clients that use the realm as an OAuth2 token endpoint. */
const oauthErrors: Partial<Record<FailureCode, string>> = {
  UNAUTHORIZED: 'invalid_grant',
  GRANT_TYPE_UNSUPPORTED: 'unsupported_grant_type',
  SCOPE_INVALID: 'invalid_scope',
};

/**
 * A failure of the realm: the registry's error document with RFC 6749's `error` beside it. A 401 names the scheme the
 * realm itself takes (RFC 9110 §11.6.1).
 */
export function renderTokenError(error: unknown, requestId: string, service: string): Rendered {
  const { status, headers, body } = renderOci(error, requestId);
  const code = error instanceof Failure ? oauthErrors[error.code] : undefined;
  const oauth = code ?? (status < 500 ? 'invalid_request' : 'server_error');
  return {
    status,
    headers: {
      ...headers,
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...(status === 401 && { 'WWW-Authenticate': `Basic realm="${service}", charset="UTF-8"` }),
    },
    body: JSON.stringify({ error: oauth, ...JSON.parse(body) }),
  };
}
