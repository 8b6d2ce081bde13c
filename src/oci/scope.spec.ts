import fc from 'fast-check';
import { repositoryNames, textOf } from '../../test/support/arbitraries.js';
import { formatScope, parseScope, parseScopes } from './scope.js';

const hosts = fc.constantFrom('', 'host:5000/', 'registry.example.com/', '[::1]:5000/');
const actions = fc.uniqueArray(fc.oneof(fc.constantFrom('pull', 'push', 'delete', '*'), textOf('abcdef', 1, 6)), {
  minLength: 1,
  maxLength: 5,
});
const scopes = fc.record({
  type: textOf('abcdefgh', 1, 8),
  name: fc.tuple(hosts, repositoryNames).map((parts) => parts.join('')),
  actions,
});

describe('scope', () => {
  it('reads back as it was written', () => {
    fc.assert(fc.property(scopes, (scope) => expect(parseScope(formatScope(scope))).toEqual(scope)));
  });

  it.each([
    ['repository:a/b:pull,push', { type: 'repository', name: 'a/b', actions: ['pull', 'push'] }],
    ['repository:a/b:push,pull,push', { type: 'repository', name: 'a/b', actions: ['push', 'pull'] }],
    ['repository:host:5000/a/b:pull', { type: 'repository', name: 'host:5000/a/b', actions: ['pull'] }],
    ['repository(plugin):a/b:pull', { type: 'repository', name: 'a/b', actions: ['pull'] }],
    ['registry:catalog:*', { type: 'registry', name: 'catalog', actions: ['*'] }],
    ['repository:a/b:', { type: 'repository', name: 'a/b', actions: [] }],
    ['repository:a/b:,', { type: 'repository', name: 'a/b', actions: [] }],
    ['', undefined],
    ['repository', undefined],
    ['repository:a/b', undefined],
    ['repository::pull', undefined],
    [':a/b:pull', undefined],
    ['repository:a/b:PULL', undefined],
    ['Repository:a/b:pull', undefined],
    ['repository(plugin:a/b:pull', undefined],
    ['repository():a/b:pull', undefined],
    ['repository:a\nb:pull', undefined],
    ['repository:é:pull', undefined],
  ])('%j → %j', (text, expected) => {
    expect(parseScope(text)).toEqual(expected);
  });
});

describe('scopes', () => {
  it('are the union of all, whether between spaces or in parameters of their own', () => {
    fc.assert(
      fc.property(fc.array(scopes), (list) => {
        const texts = list.map(formatScope);
        const parsed = parseScopes([texts.join(' ')]);
        expect(parseScopes(texts)).toEqual(parsed);
        for (const { type, name, actions } of list) {
          const [one, ...others] = parsed.filter((scope) => scope.type === type && scope.name === name);
          expect(others).toEqual([]);
          expect(one?.actions).toEqual(expect.arrayContaining([...actions]));
        }
      }),
    );
  });

  it('keeps the good ones beside bad ones, in the order of asking', () => {
    expect(
      parseScopes(['repository:c/x:pull  repository:c/x:pull,push', 'nonsense', 'repository:d:pull', '']).map(
        formatScope,
      ),
    ).toEqual(['repository:c/x:pull,push', 'repository:d:pull']);
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.array(fc.string()), (values) => void parseScopes(values)));
  });
});
