import { Failure } from '../errors/failure.js';
import { isRepositoryName, maxRepositoryNameLength, type RepositoryName } from '../oci/repository-name.js';

/** Which repositories a grant covers: `team/app` itself, `team/*` everything below `team/` at any depth, `*` everything. */
export type Pattern = string & { readonly __brand: 'Pattern' };

/** Of the longest name and `/*` behind it. */
export const maxPatternLength = maxRepositoryNameLength + 2;

export function isPattern(text: string): text is Pattern {
  return text === '*' || isRepositoryName(text.endsWith('/*') ? text.slice(0, -2) : text);
}

/** Throws VALIDATION_FAILED. */
export function parsePattern(text: string): Pattern {
  if (!isPattern(text)) throw new Failure('VALIDATION_FAILED', { message: 'the pattern is not team/app, team/* or *' });
  return text;
}

/** What every name covered by a wildcard starts with: `team/` for `team/*`, nothing for `*`. Undefined for an exact pattern. */
export function patternPrefix(pattern: Pattern): string | undefined {
  return pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
}

export function patternCovers(pattern: Pattern, name: RepositoryName): boolean {
  const prefix = patternPrefix(pattern);
  // A name never ends in a slash, so one that starts with the prefix has something below it.
  return prefix === undefined ? name === String(pattern) : name.startsWith(prefix);
}

/** The pattern that covers this repository and nothing else. */
export function exactPattern(name: RepositoryName): Pattern {
  return name as string as Pattern; // every repository name is one
}

/**
 * Every pattern that covers all of this one, narrowest first: for `team/app` itself, `team/*` and `*`; for `team/sub/*` itself, `team/*` and `*`.
 * A handful of exact values, so that an index answers what a comparison with each grant of somebody would have to.
 */
export function patternsIncluding(pattern: Pattern): Pattern[] {
  const including = new Set<string>([pattern]);
  for (let slash = pattern.lastIndexOf('/'); slash > 0; slash = pattern.lastIndexOf('/', slash - 1))
    including.add(`${pattern.slice(0, slash)}/*`);
  including.add('*');
  // Made of a pattern's own segments, so patterns all of them.
  return [...including] as Pattern[];
}
