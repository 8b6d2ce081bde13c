import { parseChallenges } from './challenge.js';

const parsed = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each([
  ['Basic realm="x"', [['basic', { realm: 'x' }]]],
  [
    'Bearer realm="https://a/token",service="a b",scope="repository:x:pull,push"',
    [['bearer', { realm: 'https://a/token', service: 'a b', scope: 'repository:x:pull,push' }]],
  ],
  [
    'Negotiate, Basic realm="a, Bearer realm=\\"no\\"", BEARER  Realm = "/token" , SERVICE=plain',
    [
      ['negotiate', {}],
      ['basic', { realm: 'a, Bearer realm="no"' }],
      ['bearer', { realm: '/token', service: 'plain' }],
    ],
  ],
  [
    'Negotiate YWJj==, Basic realm=""',
    [
      ['negotiate', {}],
      ['basic', { realm: '' }],
    ],
  ],
  [',, Basic realm="first", realm="second",,', [['basic', { realm: 'first' }]]],
  ['realm="of nothing", Basic', [['basic', {}]]],
  ['Bearer realm="never closed', [['bearer', { realm: '' }]]],
  ['"', []],
  ['', []],
])('%s', (header, expected) => {
  expect(parsed(header)).toEqual(expected);
});

test('takes no longer for a header made to be hard', () => {
  for (const piece of ['Bearer ', 'a="\\', ',', '=', 'a="b",']) {
    expect(parseChallenges(piece.repeat(16_384 / piece.length)).length).toBeLessThan(16_384);
  }
});
