import fc from 'fast-check';
import { repositoryNames } from '../../test/support/arbitraries.js';
import { nextLink, nextPageOf } from './link.js';

describe('next link', () => {
  it('is one header value that leads to exactly these parameters', () => {
    fc.assert(
      fc.property(
        repositoryNames,
        fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })),
        (name, parameters) => {
          const path = `/v2/${name}/tags/list`;
          const link = nextLink(path, parameters);
          const [, target = ''] = /^<([!-;=?-~]*)>; rel="next"$/.exec(link) ?? [];
          const url = new URL(target, 'http://localhost');
          expect(url.pathname).toBe(path);
          expect([...url.searchParams]).toEqual(Object.entries(parameters));
        },
      ),
    );
  });

  it('cannot be split', () => {
    expect(nextLink('/v2/a/referrers/x', { artifactType: 'a\r\nSet-Cookie: b>; rel="x"' })).toBe(
      '</v2/a/referrers/x?artifactType=a%0D%0ASet-Cookie%3A+b%3E%3B+rel%3D%22x%22>; rel="next"',
    );
  });
});

describe('the next page of a Link header', () => {
  it('is found again', () => {
    expect(nextPageOf(nextLink('/v2/a/tags/list', { n: '1', last: 'b,c' }))).toBe('/v2/a/tags/list?n=1&last=b%2Cc');
  });

  it.each([
    ['<https://a.example/x?last=a,b>; rel=next', 'https://a.example/x?last=a,b'],
    ['</first>; rel="prev", </second>; title="x"; rel="other next"', '/second'],
    ['</x>;REL="NEXT"', '/x'],
    ['</x>; rel="prev"', undefined],
    ['</x>; rel="nextish"', undefined],
    ['/x; rel="next"', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, next) => {
    expect(nextPageOf(header)).toBe(next);
  });
});
