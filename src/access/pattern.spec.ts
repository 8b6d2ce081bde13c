import fc from 'fast-check';
import { repositoryNames } from '../../test/support/arbitraries.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { isPattern, parsePattern, patternCovers, patternPrefix } from './pattern.js';

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
});
