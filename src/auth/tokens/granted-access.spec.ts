import type { Action } from '../../access/action.js';
import { anonymous, type Principal } from '../../access/principal.js';
import { parseScopes } from '../../oci/scope.js';
import { grantedAccess } from './granted-access.js';

const ann: Principal = { kind: 'user', id: 7, name: 'ann', role: 'user' };
const permitted: Record<string, Action[]> = {
  'team/read': ['pull'],
  'team/write': ['pull', 'push'],
  'team/all': ['pull', 'push', 'delete', 'manage'],
};
const permissions = { allowedActions: (_who: Principal, name: string) => new Set(permitted[name] ?? []) };
const granted = (principal: Principal, ...scopes: string[]) =>
  grantedAccess({ principal }, parseScopes(scopes), permissions).then((access) =>
    access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`),
  );

describe('grantedAccess', () => {
  test.each([
    ['what is asked and permitted', 'repository:team/write:push,pull', ['repository:team/write:pull,push']],
    ['no more than is asked', 'repository:team/all:pull', ['repository:team/all:pull']],
    ['no more than is permitted', 'repository:team/read:pull,push,delete', ['repository:team/read:pull']],
    ['every permitted action for *, spelled out', 'repository:team/all:*', ['repository:team/all:pull,push,delete']],
    ['pull for * of a reader', 'repository:team/read:*', ['repository:team/read:pull']],
    ['repositories of another class', 'repository(plugin):team/read:pull', ['repository:team/read:pull']],
    ['nothing on what is forbidden or missing', 'repository:team/none:pull', []],
    ['nothing on a wildcard', 'repository:*:pull', []],
    ['nothing on a path', 'repository:team/../read:pull', []],
    ['nothing on upper case', 'repository:Team/Read:pull', []],
    ['nothing on a name with a host', 'repository:host:5000/team/read:pull', []],
    ['never manage', 'repository:team/all:manage', []],
    ['nothing of another type', 'plugin:team/read:pull', []],
    ['the catalogue', 'registry:catalog:*', ['registry:catalog:*']],
    ['no other action on the catalogue', 'registry:catalog:pull', []],
    ['nothing else of the registry', 'registry:everything:*', []],
  ])('gives %s', async (_name, scope, expected) => {
    expect(await granted(ann, scope)).toEqual(expected);
  });

  test('answers many scopes in their order and leaves out what it refuses', async () => {
    expect(
      await granted(ann, 'repository:team/none:pull repository:team/read:pull', 'repository:team/write:push'),
    ).toEqual(['repository:team/read:pull', 'repository:team/write:push']);
  });

  test('nobody gets no catalogue', async () => {
    expect(await granted(anonymous, 'registry:catalog:*')).toEqual([]);
  });
});
