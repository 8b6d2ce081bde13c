/** What of a request says on which condition it may change something. */
export interface Conditions {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

/** Whether there is a condition at all. */
export function isConditional(headers: Conditions): boolean {
  return headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;
}

/**
 * Whether what has the entity tag `current`, `undefined` when there is nothing, may be changed (RFC 9110 §13.1.1 and §13.1.2):
 * `If-Match` wants it to be one of these, `If-None-Match` none of them, and `*` is whatever there is.
 */
export function allowsChange(headers: Conditions, current: string | undefined): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && (current === undefined || !includesTag(match, current))) return false;
  return noneMatch === undefined || current === undefined || !weaklyIncludesTag(noneMatch, current);
}

/** Strong comparison: a weak tag is the same as nothing. */
export function includesTag(header: string, tag: string): boolean {
  return header
    .split(',')
    .map((part) => part.trim())
    .some((part) => part === '*' || part === tag);
}

/** Weak comparison: the `W/` before a tag does not count. */
export function weaklyIncludesTag(header: string, tag: string): boolean {
  return header === '*' || (header.match(/"[^"]*"/g)?.includes(tag) ?? false);
}
