import { type Pattern, patternPrefix } from '../../src/access/pattern.js';

/** Whether everything that `inner` covers, now or later, is covered by `outer` too: what the statements of permissions/ have to find. */
export function patternIncludes(outer: Pattern, inner: Pattern): boolean {
  const prefix = patternPrefix(outer);
  // `team/*` begins as everything below `team/` does, so a comparison of texts answers for patterns as well.
  return prefix === undefined ? outer === inner : inner.startsWith(prefix);
}
