import fc from 'fast-check';
import { repositoryNames } from '../../test/support/arbitraries.js';
import { patternIncludes } from '../../test/support/pattern-includes.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { exactPattern, isPattern, parsePattern, patternCovers, patternPrefix, patternsIncluding } from './pattern.js';

describe('pattern', () => {
  it('covers the name it is, everything below it, or everything', () => {
    fc.assert(
      fc.property(repositoryNames, repositoryNames, (a, b) => {
        expect(patternCovers(parsePattern(a), b)).toBe(a === b);
        expect(patternCovers(parsePattern('*'), b)).toBe(true);
        const inside = b.split('/').length > a.split('/').length && b.startsWith(`${a}/`);
        expect(patternCovers(parsePattern(`${a}/*`), b)).toBe(inside);
      }),
    );
  });

  it.each([
    ['team/*', 'team/app', true],
    ['team/*', 'team/a/b/c', true],
    ['team/*', 'team', false],
    ['team/*', 'teams/app', false],
    ['team/*', 'other/team/app', false],
    ['team/app', 'team/app/x', false],
  ])('%s covers %s: %s', (pattern, name, expected) => {
    expect(patternCovers(parsePattern(pattern), parseRepositoryName(name))).toBe(expected);
  });

  it('says what a wildcard begins with', () => {
    expect(['*', 'team/*', 'team/app'].map((text) => patternPrefix(parsePattern(text)))).toEqual([
      '',
      'team/',
      undefined,
    ]);
  });

  it.each(['', '**', '*/app', 'team*', 'team/**', 'team/*/app', '/*', 'Team/*', 'team//*', '../*', 'team/', ' *'])(
    '%j is none',
    (text) => {
      expect(isPattern(text)).toBe(false);
      expect(() => parsePattern(text)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    },
  );

  it('lists what includes it, narrowest first', () => {
    const including = (text: string) => patternsIncluding(parsePattern(text));
    expect(including('team/sub/app')).toEqual(['team/sub/app', 'team/sub/*', 'team/*', '*']);
    expect(including('team/sub/*')).toEqual(['team/sub/*', 'team/*', '*']);
    expect(including('team')).toEqual(['team', '*']);
    expect(including('*')).toEqual(['*']);
  });

  it('includes another one exactly when it is among those that do', () => {
    const patterns = repositoryNames.chain((name) => fc.constantFrom(...patternsIncluding(exactPattern(name))));
    fc.assert(
      fc.property(patterns, patterns, repositoryNames, (outer, inner, name) => {
        expect(patternIncludes(outer, inner)).toBe(patternsIncluding(inner).includes(outer));
        if (patternIncludes(outer, inner) && patternCovers(inner, name)) expect(patternCovers(outer, name)).toBe(true);
        for (const wider of patternsIncluding(inner)) expect(patternIncludes(wider, inner)).toBe(true);
      }),
    );
  });
});
