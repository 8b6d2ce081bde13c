import { safePath, withQuery } from './safe-path.js';

describe('safePath', () => {
  test.each(['/', '/repositories?q=a&sort=name', '/r/team/app/-/t/1.0', '/a/%2e%2e/b'])(
    'keeps %s on this server',
    (path) => {
      expect(new URL(safePath(path) ?? 'fail:', 'http://here').origin).toBe('http://here');
    },
  );

  test.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/a/..//evil.example',
    '/.//evil.example',
    'https:evil.example',
    'https://evil.example',
    'http://here@evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '／／evil.example',
    'repositories',
    '',
  ])('refuses %j', (path) => expect(safePath(path)).toBeUndefined());

  test.each([undefined, null, 7, ['/a'], {}])('refuses %j, which is no text', (value) => {
    expect(safePath(value)).toBeUndefined();
  });

  test.each(['/%09/evil.example', '/%2f%2fevil.example', '/%5cevil.example'])('%s stays a path of ours', (path) => {
    expect(safePath(path)).toBe(path);
  });
});

test('withQuery leaves out what is empty and escapes what is not', () => {
  expect(withQuery('/users', { q: '', cursor: undefined })).toBe('/users');
  expect(withQuery('/users', { q: 'a&b', limit: 50 })).toBe('/users?q=a%26b&limit=50');
});
