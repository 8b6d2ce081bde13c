import fc from 'fast-check';
import { repositoryNames } from '../../test/support/arbitraries.js';
import { isRepositoryName, parseRepositoryName } from './repository-name.js';

describe('repository name', () => {
  it('is components between slashes', () => {
    fc.assert(fc.property(repositoryNames, (name) => expect(parseRepositoryName(name)).toBe(name)));
  });

  it('is none with any other character in it', () => {
    const foreign = fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }).filter((c) => !/[a-z0-9._/-]/.test(c));
    fc.assert(
      fc.property(repositoryNames, foreign, fc.nat(), (name, character, position) => {
        const at = position % (name.length + 1);
        expect(isRepositoryName(name.slice(0, at) + character + name.slice(at))).toBe(false);
      }),
    );
  });

  it('never leads out of a directory or splits a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '_', '-', '\n', '\0', '%', 'A', ':') }), (text) => {
        if (!isRepositoryName(text)) return;
        expect(text).not.toMatch(/(^|\/)(\.|$)|[\n\0%A:]|\.\./);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['a', 'team/app', 'a-b/c--d', 'a__b', 'a_b', 'a.b', '1/2/3', 'mirror/quay.io/x', 'a'.repeat(255)])(
    'takes %s',
    (text) => expect(isRepositoryName(text)).toBe(true),
  );

  it.each([
    '',
    '/',
    'Acme/App',
    'acme//app',
    '/acme',
    'acme/',
    '-acme/app',
    'acme/app-',
    'a__._b',
    'a___b',
    'a..b',
    'acme/.git',
    '../x',
    'foo/../bar',
    'a b',
    'a\n',
    'é',
    'host:5000/a',
    'a'.repeat(256),
    `${'a/'.repeat(128)}a`,
  ])('refuses %j', (text) => {
    expect(() => parseRepositoryName(text)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
  });

  it('is decided quickly, however long the text', () => {
    for (const text of [
      'a-'.repeat(500_000),
      `${'a'.repeat(1_000_000)}!`,
      `${'-'.repeat(254)}`,
      `${'a_'.repeat(127)}!`,
    ]) {
      expect(isRepositoryName(text)).toBe(false);
    }
  });
});
