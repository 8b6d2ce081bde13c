/** How one failure is told to the world. */
export interface CatalogRow {
  readonly status: number;
  /** Error code on `/v2/` and `/token`: distribution-spec "Error Codes", extended as CNCF Distribution does. */
  readonly oci: string;
  /** Translation key of the title people read. */
  readonly key: string;
  /** Short and in English, for clients and logs. */
  readonly message: string;
}

type Row = readonly [status: number, message: string, oci?: string];

/** Every failure there is, with its status. Only what is our own fault is 5xx, and that of a registry we depend on. A `Failure` may have more exact words than its row. */
const rows = {
  UNAUTHORIZED: [401, 'authentication required'],
  TOKEN_INVALID: [401, 'the token is not valid', 'UNAUTHORIZED'],
  INSUFFICIENT_SCOPE: [401, 'the token does not cover this access', 'UNAUTHORIZED'],
  DENIED: [403, 'requested access to the resource is denied'],
  CSRF_FAILED: [403, 'the form is stale or came from another site', 'DENIED'],
  PASSWORD_CHANGE_REQUIRED: [403, 'the password has to be changed first', 'DENIED'],

  NAME_INVALID: [400, 'invalid repository name'],
  NAME_UNKNOWN: [404, 'repository name not known to registry'],
  TAG_INVALID: [400, 'invalid tag'],
  DIGEST_INVALID: [400, 'the digest is malformed or does not match the content'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  MANIFEST_BLOB_UNKNOWN: [400, 'the manifest names content that is not in this repository'],
  MANIFEST_TOO_LARGE: [413, 'the manifest is too large', 'SIZE_INVALID'],
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_IN_USE: [405, 'a manifest of this repository still names the blob', 'UNSUPPORTED'],
  BLOB_TOO_LARGE: [413, 'the blob is too large', 'SIZE_INVALID'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  BLOB_UPLOAD_INVALID: [400, 'blob upload invalid'],
  RANGE_INVALID: [416, 'the range does not continue the upload or lies outside of the content'],
  SIZE_INVALID: [400, 'the length does not match the content'],
  PAGINATION_NUMBER_INVALID: [400, 'invalid number of results requested'],
  UNSUPPORTED: [405, 'the operation is unsupported'],
  ROUTE_UNKNOWN: [404, 'no such page or endpoint', 'UNSUPPORTED'],

  SERVICE_UNKNOWN: [400, 'this realm issues no tokens for that service', 'UNSUPPORTED'],
  SCOPE_INVALID: [400, 'invalid scope', 'UNSUPPORTED'],
  GRANT_TYPE_UNSUPPORTED: [400, 'grant type not supported', 'UNSUPPORTED'],

  VALIDATION_FAILED: [400, 'the request is not valid', 'UNSUPPORTED'],
  NOT_FOUND: [404, 'not found', 'UNSUPPORTED'],
  CONFLICT: [409, 'the request conflicts with the current state', 'UNSUPPORTED'],
  USERNAME_TAKEN: [409, 'there is a user of this name already', 'UNSUPPORTED'],
  REPOSITORY_EXISTS: [409, 'there is a repository of this name already', 'UNSUPPORTED'],
  LAST_ADMIN: [409, 'the last enabled administrator cannot be disabled, demoted or deleted', 'UNSUPPORTED'],
  PRECONDITION_FAILED: [412, 'it has changed since you read it, or is there already', 'UNSUPPORTED'],
  PASSWORD_REJECTED: [400, 'the password is not acceptable', 'UNSUPPORTED'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'the content type is not supported', 'UNSUPPORTED'],
  HEAD_TOO_LARGE: [431, 'the headers or the address of the request are too large', 'UNSUPPORTED'],
  BODY_TOO_LARGE: [413, 'the request body is too large', 'SIZE_INVALID'],
  TOO_MANY_REQUESTS: [429, 'too many requests', 'TOOMANYREQUESTS'],

  REMOTE_UNREACHABLE: [502, 'the other registry cannot be reached', 'UNAVAILABLE'],
  REMOTE_UNTRUSTED: [502, 'the certificate of the other registry is not trusted', 'UNAVAILABLE'],
  REMOTE_ADDRESS_REFUSED: [502, 'Berth does not connect to that address', 'UNAVAILABLE'],
  REMOTE_DENIED: [502, 'the other registry does not allow this with these credentials', 'UNAVAILABLE'],
  REMOTE_REJECTED: [502, 'the other registry rejected what it was asked', 'UNAVAILABLE'],
  REMOTE_INVALID: [502, 'what the other registry answered is not valid', 'UNAVAILABLE'],
  REMOTE_FAILED: [502, 'the other registry failed', 'UNAVAILABLE'],
  REMOTE_BUSY: [503, 'the other registry asks for fewer requests', 'UNAVAILABLE'],
  REMOTE_TIMEOUT: [504, 'the other registry took too long', 'UNAVAILABLE'],

  CONTENT_DAMAGED: [500, 'what is stored is damaged: pushing it again repairs it', 'UNKNOWN'],
  INTERNAL: [500, 'internal error', 'UNKNOWN'],
  DATABASE_BUSY: [503, 'another program holds the database: try again in a moment', 'UNAVAILABLE'],
  SEARCH_TIMEOUT: [503, 'the search took too long', 'UNAVAILABLE'],
  STORAGE_UNAVAILABLE: [503, 'the storage does not accept writes', 'UNAVAILABLE'],
  STORAGE_FULL: [507, 'the storage is full', 'UNAVAILABLE'],
} satisfies Record<string, Row>;

export type FailureCode = keyof typeof rows;

/** The one table of failures. A code without a row does not compile. */
export const catalog: Readonly<Record<FailureCode, CatalogRow>> = expand(rows);

function expand<Code extends string>(table: Readonly<Record<Code, Row>>): Record<Code, CatalogRow> {
  const entries = Object.entries<Row>(table).map(([code, [status, message, oci = code]]) => [
    code,
    { status, oci, key: `errors.${code}`, message },
  ]);
  // fromEntries forgets the keys it was given.
  return Object.fromEntries(entries) as Record<Code, CatalogRow>;
}
