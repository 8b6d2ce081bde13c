import fc from 'fast-check';
import { repositoryNames } from '../../test/support/arbitraries.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { type Action, actions, includes } from './action.js';
import { parsePattern } from './pattern.js';
import { decide, explain, type Facts } from './policy.js';
import { anonymous, type Principal } from './principal.js';
import { visibilities } from './visibility.js';

const admin: Principal = { kind: 'user', id: 1, name: 'root', role: 'admin' };
const user: Principal = { kind: 'user', id: 2, name: 'ann', role: 'user' };
const repository = parseRepositoryName('team/app');
const facts = (more: Partial<Facts> = {}): Facts => ({ visibility: 'private', grants: [], ...more });
const grant = (pattern: string, ...granted: Action[]) => ({ id: 7, pattern: parsePattern(pattern), actions: granted });
const allowed = (principal: Principal, given: Facts) =>
  actions.filter((action) => decide(principal, action, repository, given).allowed);

describe('decide', () => {
  it.each<[string, Principal, Facts, readonly Action[]]>([
    ['nobody, private', anonymous, facts(), []],
    ['nobody, internal', anonymous, facts({ visibility: 'internal' }), []],
    ['nobody, public', anonymous, facts({ visibility: 'public' }), ['pull']],
    ['nobody, missing', anonymous, facts({ visibility: undefined }), []],
    ['a user, private', user, facts(), []],
    ['a user, internal', user, facts({ visibility: 'internal' }), ['pull']],
    ['a user, public', user, facts({ visibility: 'public' }), ['pull']],
    ['a user, missing', user, facts({ visibility: undefined }), []],
    ['an admin, private', admin, facts(), actions],
    ['an admin, missing', admin, facts({ visibility: undefined }), actions],
    ['granted pull', user, facts({ grants: [grant('team/app', 'pull')] }), ['pull']],
    ['granted push', user, facts({ grants: [grant('team/app', 'push')] }), ['pull', 'push']],
    ['granted delete', user, facts({ grants: [grant('team/app', 'delete')] }), ['pull', 'delete']],
    ['granted manage', user, facts({ grants: [grant('team/app', 'manage')] }), ['pull', 'manage']],
    ['granted two', user, facts({ grants: [grant('team/app', 'push', 'delete')] }), ['pull', 'push', 'delete']],
    ['granted nothing', user, facts({ grants: [grant('team/app')] }), []],
    ['granted by prefix', user, facts({ grants: [grant('team/*', 'push')] }), ['pull', 'push']],
    ['granted everywhere', user, facts({ grants: [grant('*', 'delete')] }), ['pull', 'delete']],
    ['granted elsewhere', user, facts({ grants: [grant('team/other', 'push'), grant('tea/*', 'push')] }), []],
    ['granted, missing', user, facts({ visibility: undefined, grants: [grant('team/*', 'push')] }), ['pull', 'push']],
    ['grants of nobody', anonymous, facts({ grants: [grant('*', 'push')] }), []],
  ])('%s', (_name, principal, given, expected) => {
    expect(allowed(principal, given)).toEqual(expected);
  });

  it('names every rule that allows, and the action that includes the wanted one', () => {
    const given = facts({
      visibility: 'internal',
      grants: [
        { id: 1, pattern: parsePattern('team/*'), actions: ['push'] },
        { id: 2, pattern: parsePattern('team/app'), actions: ['push', 'pull'] },
        { id: 3, pattern: parsePattern('x/*'), actions: ['pull'] },
      ],
    });
    expect(decide(user, 'pull', repository, given).reasons).toEqual([
      { rule: 'visibility', visibility: 'internal' },
      { rule: 'grant', grant: 1, pattern: 'team/*', action: 'push' },
      { rule: 'grant', grant: 2, pattern: 'team/app', action: 'pull' },
    ]);
    expect(decide(admin, 'delete', repository, facts()).reasons).toEqual([{ rule: 'admin' }]);
  });

  const principals = fc.constantFrom(anonymous, user, admin);
  const patterns = fc.oneof(
    fc.constant('*'),
    repositoryNames,
    repositoryNames.map((name) => `${name}/*`),
  );
  const grants = fc.array(
    fc.record({ id: fc.nat(), pattern: patterns.map(parsePattern), actions: fc.subarray([...actions]) }),
  );
  const anyFacts = fc.record({ visibility: fc.constantFrom(...visibilities, undefined), grants });

  it('allows exactly when there is a reason, and whoever may do anything may pull', () => {
    fc.assert(
      fc.property(principals, repositoryNames, anyFacts, (principal, name, given) => {
        const decisions = explain(principal, name, given);
        for (const action of actions) {
          expect(decisions[action]).toEqual(decide(principal, action, name, given));
          expect(decisions[action].allowed).toBe(decisions[action].reasons.length > 0);
          if (decisions[action].allowed) expect(decisions.pull.allowed).toBe(true);
        }
      }),
    );
  });

  it('grants only add', () => {
    fc.assert(
      fc.property(principals, repositoryNames, anyFacts, grants, (principal, name, given, more) => {
        for (const action of actions) {
          if (!decide(principal, action, name, given).allowed) continue;
          const wider = { ...given, grants: [...given.grants, ...more] };
          expect(decide(principal, action, name, wider).allowed).toBe(true);
        }
      }),
    );
  });
});

describe('includes', () => {
  it('gives pull with everything and nothing else with anything', () => {
    for (const granted of actions)
      for (const wanted of actions) expect(includes(granted, wanted)).toBe(granted === wanted || wanted === 'pull');
  });
});
