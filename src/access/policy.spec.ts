import fc from 'fast-check';
import { repositoryNames } from '../../test/support/arbitraries.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { type Action, actions, includes } from './action.js';
import { parsePattern } from './pattern.js';
import { decide, decideAll, explain, type Facts } from './policy.js';
import { anonymous, type Principal } from './principal.js';
import { visibilities } from './visibility.js';

const admin: Principal = { kind: 'user', id: 1, name: 'root', role: 'admin' };
const user: Principal = { kind: 'user', id: 2, name: 'ann', role: 'user' };
const robot: Principal = { kind: 'robot', id: 2, name: 'team+ci' };
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
    ['a robot, private', robot, facts(), []],
    ['a robot, internal', robot, facts({ visibility: 'internal' }), ['pull']],
    ['a robot, missing', robot, facts({ visibility: undefined }), []],
    ['a robot, granted', robot, facts({ grants: [grant('team/*', 'push')] }), ['pull', 'push']],
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

  it('says through which group', () => {
    const given = facts({ grants: [{ ...grant('team/*', 'push'), group: 'makers' }] });
    expect(decide(user, 'push', repository, given).reasons).toEqual([
      { rule: 'grant', grant: 7, pattern: 'team/*', action: 'push', group: 'makers' },
    ]);
  });

  const scope = (pattern: string, ...granted: Action[]) => ({ pattern: parsePattern(pattern), actions: granted });
  it.each<[string, Principal, Facts, readonly Action[]]>([
    ['nothing', admin, facts({ narrowedTo: [] }), []],
    ['another place', admin, facts({ narrowedTo: [scope('other/*', 'manage')] }), []],
    ['pull of an admin', admin, facts({ narrowedTo: [scope('team/*', 'pull')] }), ['pull']],
    ['push, which includes pull', admin, facts({ narrowedTo: [scope('*', 'push')] }), ['pull', 'push']],
    ['more than is granted', user, facts({ narrowedTo: [scope('*', ...actions)] }), []],
    ['elsewhere, though public', user, facts({ visibility: 'public', narrowedTo: [scope('x', 'pull')] }), []],
    [
      'part of what is granted',
      user,
      facts({ grants: [grant('team/*', 'push', 'delete')], narrowedTo: [scope('team/app', 'delete')] }),
      ['pull', 'delete'],
    ],
  ])('a credential narrowed to %s', (_name, principal, given, expected) => {
    expect(allowed(principal, given)).toEqual(expected);
  });

  const principals = fc.constantFrom(anonymous, user, admin, robot);
  const patterns = fc.oneof(
    fc.constant('*'),
    repositoryNames,
    repositoryNames.map((name) => `${name}/*`),
  );
  const grants = fc.array(
    fc.record({ id: fc.nat(), pattern: patterns.map(parsePattern), actions: fc.subarray([...actions]) }),
  );
  const scopes = fc.array(fc.record({ pattern: patterns.map(parsePattern), actions: fc.subarray([...actions]) }));
  const anyFacts = fc.record({
    visibility: fc.constantFrom(...visibilities, undefined),
    grants,
    narrowedTo: fc.option(scopes, { nil: undefined, freq: 2 }),
  });

  it('allows exactly when there is a reason, and whoever may do anything may pull', () => {
    fc.assert(
      fc.property(principals, repositoryNames, anyFacts, (principal, name, given) => {
        const decisions = explain(principal, name, given);
        for (const action of actions) {
          const { missing, ...decision } = decisions[action];
          expect(decision).toEqual(decide(principal, action, name, given));
          expect(missing === undefined).toBe(decision.allowed);
          expect(decideAll(principal, name, given).has(action)).toBe(decision.allowed);
          expect(decisions[action].allowed).toBe(decisions[action].reasons.length > 0);
          if (decisions[action].allowed) expect(decisions.pull.allowed).toBe(true);
        }
      }),
    );
  });

  it('names as missing what makes it allowed', () => {
    fc.assert(
      fc.property(principals, repositoryNames, anyFacts, fc.nat(), (principal, name, given, choice) => {
        for (const action of actions) {
          const { missing } = explain(principal, name, given)[action];
          if (missing === undefined) continue;
          if (missing.need === 'sign-in') expect(principal).toBe(anonymous);
          else {
            const pattern = missing.patterns[choice % missing.patterns.length] ?? parsePattern('*');
            const given2 = { ...given, grants: [...given.grants, { id: 0, pattern, actions: [action] }] };
            const helped =
              missing.need === 'grant'
                ? { ...given2, narrowedTo: undefined }
                : {
                    ...given,
                    narrowedTo: [...(given.narrowedTo ?? []), { pattern, actions: [action] }],
                  };
            expect(decide(principal, action, name, helped).allowed).toBe(true);
          }
        }
      }),
    );
  });

  it('a narrowed credential may what its owner may and its scopes name, and nothing else', () => {
    fc.assert(
      fc.property(principals, repositoryNames, anyFacts, scopes, (principal, name, given, narrowedTo) => {
        const owner = decideAll(principal, name, { ...given, narrowedTo: undefined });
        const named = decideAll(user, name, {
          visibility: 'private',
          grants: narrowedTo.map((one) => ({ id: 1, ...one })),
        });
        const both = actions.filter((action) => owner.has(action) && named.has(action));
        expect([...decideAll(principal, name, { ...given, narrowedTo })]).toEqual(both);
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
