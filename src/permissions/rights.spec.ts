import fc from 'fast-check';
import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { type Action, actions } from '../access/action.js';
import { isPattern, type Pattern, parsePattern, patternCovers, patternIncludes } from '../access/pattern.js';
import { decideAll, type GrantFact, type Narrowing } from '../access/policy.js';
import { anonymous, type Principal } from '../access/principal.js';
import type { Visibility } from '../access/visibility.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { SubjectRights } from './rights.js';
import type { Subject } from './subject.js';

let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

const app = parseRepositoryName('team/app');
const may = async (who: Principal, name = app, narrowedTo?: readonly Narrowing[]) => [
  ...(await world.permissions.allowedActions(who, name, narrowedTo)),
];
const nameOf = ({ type, name }: Subject) => `${type} ${name}`;

async function everything<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor?: string }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const { items: more, nextCursor } = await page(cursor);
    items.push(...more);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return items;
}

describe('a group', () => {
  it('gives its members what it was granted, from the next question on and no longer than it holds', async () => {
    await world.group('makers', 'ada');
    const answers: unknown[] = [await may(world.ada)];
    const { id } = await world.give('group', 'makers', 'team/*', 'push');
    answers.push(await may(world.ada));
    await world.groups.removeMember('makers', 'ada');
    answers.push(await may(world.ada));
    await world.groups.addMember('makers', 'ada');
    answers.push(await may(world.ada));
    await world.grants.remove(id);
    answers.push(await may(world.ada));
    await world.give('group', 'makers', 'team/app', 'delete');
    answers.push(await may(world.ada));
    await world.groups.remove('makers');
    answers.push(await may(world.ada));
    expect(answers).toEqual([[], ['pull', 'push'], [], ['pull', 'push'], [], ['pull', 'delete'], []]);
    expect((await world.grants.list({ limit: 10 })).items).toEqual([]);
  });

  it('is named where it is the reason, and answers at once when it is remembered', async () => {
    await world.repository('team/app');
    await world.group('makers', 'ada');
    const { id } = await world.give('group', 'makers', 'team/*', 'push');
    expect((await world.permissions.explain(world.ada, app)).push.reasons).toEqual([
      { rule: 'grant', grant: id, pattern: 'team/*', action: 'push', group: 'makers' },
    ]);
    expect(world.permissions.allowedActions(world.ada, app)).not.toBeInstanceOf(Promise);
  });
});

describe('a robot', () => {
  it('has its own grants, and those of no user with the same id', async () => {
    await world.repository('team/app');
    const robot = await world.robot('team', 'ci');
    await world.grant('team/app', 'push');
    await world.give('robot', 'team+ci', 'team/*', 'delete');
    expect([await may(robot), await may(world.ada)]).toEqual([
      ['pull', 'delete'],
      ['pull', 'push'],
    ]);
    expect(world.permissions.allowedActions(robot, app)).not.toBeInstanceOf(Promise);
    await world.robots.remove('team+ci');
    expect(await may(robot)).toEqual([]);
  });
});

describe('a narrowed credential', () => {
  const scope = (pattern: string, ...given: Action[]) => ({ pattern: parsePattern(pattern), actions: given });

  it('may what its owner may and its scopes name', async () => {
    await world.repository('team/app');
    await world.grant('team/*', 'push', 'delete');
    expect(await may(world.ada, app, [scope('team/app', 'push')])).toEqual(['pull', 'push']);
    expect(await may(world.ada, app, [scope('other/*', 'push')])).toEqual([]);
    expect(await may(world.admin, app, [scope('team/*', 'pull')])).toEqual(['pull']);
    expect(await may(world.admin, app, [])).toEqual([]);
    expect((await world.permissions.explain(world.ada, app, [scope('*', 'pull')])).delete.missing).toEqual({
      need: 'token-scope',
      action: 'delete',
      patterns: ['team/app', 'team/*', '*'],
    });
  });

  it('manages only patterns that lie inside its scopes', async () => {
    const manages = (pattern: string, ...narrowedTo: Narrowing[]) =>
      world.permissions.managesPattern(world.admin, parsePattern(pattern), narrowedTo);
    expect(await manages('team/sub/*', scope('team/*', 'manage'))).toBe(true);
    expect(await manages('team/*', scope('team/sub/*', 'manage'))).toBe(false);
    expect(await manages('team/*', scope('team/example', 'manage'))).toBe(false);
    expect(await manages('team/app', scope('team/*', 'push'))).toBe(false);
  });
});

describe('grants as somebody may use them', () => {
  const subject = { type: 'user', name: 'ada' } as const;
  const asAda = () => world.permissions.managed({ principal: world.ada });

  it('are those inside what they manage, and nobody gives themselves anything outside', async () => {
    await world.user('bob');
    const all = await world.give('user', 'bob', '*', 'pull');
    const inside = await world.give('user', 'bob', 'team/app', 'pull');
    await world.grant('team/*', 'manage');
    for (const pattern of ['*', 'team', 'other/*', 'teams/app']) {
      const wanted = { subject, pattern: parsePattern(pattern), actions: ['pull'] as const };
      expect(await outcomeOf(asAda().put(wanted))).toBe('DENIED');
    }
    expect(await outcomeOf(asAda().change(all.id, ['manage']))).toBe('NOT_FOUND');
    expect(await outcomeOf(asAda().remove(all.id))).toBe('NOT_FOUND');
    expect(await outcomeOf(asAda().get(all.id))).toBe('NOT_FOUND');
    expect(await outcomeOf(asAda().get(999))).toBe('NOT_FOUND');
    expect((await asAda().change(inside.id, ['push'])).actions).toEqual(['push']);
    await asAda().put({ subject, pattern: parsePattern('team/sub/*'), actions: ['push'] });
    await asAda().remove(inside.id);
    expect(await outcomeOf(asAda().list({ limit: 10 }))).toBe('DENIED');
    expect((await asAda().list({ limit: 10, repository: app })).items).toHaveLength(2);
    expect(await world.grants.find(all.id)).toEqual(all);
  });

  it('end with the right to manage', async () => {
    const { id } = await world.grant('team/*', 'manage');
    await asAda().remove(id);
    const again = { subject, pattern: parsePattern('team/*'), actions: ['manage'] as const };
    expect(await outcomeOf(asAda().put(again))).toBe('DENIED');
  });
});

describe('renaming', () => {
  const renamed = parseRepositoryName('other/app');
  const rename = (principal: Principal) => world.permissions.renameRepository({ principal }, app, renamed);

  it('takes grants of the name along, leaves those of prefixes, and is there with the next question', async () => {
    await world.repository('team/app');
    await world.group('makers', 'ada');
    const robot = await world.robot('team', 'ci');
    await world.user('bob');
    await world.grant('team/app', 'push');
    await world.give('group', 'makers', 'team/app', 'delete');
    await world.give('robot', 'team+ci', 'team/*', 'push');
    expect([await may(world.ada), await may(robot), await may(world.ada, renamed)]).toEqual([
      ['pull', 'push', 'delete'],
      ['pull', 'push'],
      [],
    ]);
    await rename(world.admin);
    expect([await may(world.ada), await may(world.ada, renamed), await may(robot, renamed)]).toEqual([
      [],
      ['pull', 'push', 'delete'],
      [],
    ]);
    expect(await world.permissions.explain(world.ada, app)).toEqual(
      JSON.parse(
        JSON.stringify(await world.permissions.explain(world.ada, parseRepositoryName('team/none'))).replaceAll(
          'team/none',
          'team/app',
        ),
      ),
    );
  });

  it('adds to what somebody was granted on the new name before', async () => {
    await world.repository('team/app');
    await world.grant('team/app', 'push');
    const before = await world.grant('other/app', 'delete');
    await rename(world.admin);
    expect((await world.grants.list({ limit: 10 })).items).toEqual([{ ...before, actions: ['push', 'delete'] }]);
  });

  it('is for those who manage both names', async () => {
    await world.repository('team/app');
    await world.grant('team/*', 'manage');
    expect(await outcomeOf(rename(world.ada))).toBe('DENIED');
    await world.grant('other/*', 'push');
    expect(await outcomeOf(rename(world.ada))).toBe('DENIED');
    await world.grant('other/*', 'manage');
    await world.repository('other/app');
    expect(await outcomeOf(rename(world.ada))).toBe('REPOSITORY_EXISTS');
    await world.repositories.remove(renamed);
    expect(await rename(world.ada)).toMatchObject({ name: 'other/app' });
    expect(await outcomeOf(rename(world.ada))).toBe('NAME_UNKNOWN');
  });
});

describe('a preview', () => {
  it('counts what a pattern covers and names the first', async () => {
    for (const name of ['team', 'team-b/x', 'team/b', 'team/a/c', 'teams/x']) await world.repository(name);
    const preview = (pattern: string, limit = 9) => world.permissions.preview(parsePattern(pattern), limit);
    expect(await preview('team/*')).toEqual({ count: 2, names: ['team/a/c', 'team/b'] });
    expect(await preview('*', 2)).toEqual({ count: 5, names: ['team', 'team-b/x'] });
    expect(await preview('team')).toEqual({ count: 1, names: ['team'] });
    expect(await preview('none')).toEqual({ count: 0, names: [] });
  });
});

describe('rights', () => {
  it('refuse a cursor that no page gave', async () => {
    for (const cursor of ['', 'user', 'user:x', 'admin:1', 'user:-1'])
      expect(await outcomeOf(world.permissions.rightsOn(app, { limit: 1, cursor }))).toBe('VALIDATION_FAILED');
  });

  it('say so when an account is disabled, and know no stranger', async () => {
    await world.grant('team/*', 'push');
    await world.users.update('ada', { enabled: false });
    const { items } = await world.permissions.rightsOn(app, { limit: 10 });
    expect(items).toMatchObject([{ subject: { type: 'user', name: 'ada' }, enabled: false }]);
    expect((await world.permissions.rightsOf({ type: 'group', name: 'none' }, { limit: 10 })).items).toEqual([]);
    expect(await outcomeOf(world.permissions.rightsOfOne({ type: 'robot', name: 'none' }, app))).toBe('NOT_FOUND');
  });
});

describe('whatever the users, groups, robots and grants', () => {
  const segment = fc.constantFrom('a', 'b', 'a0', 'a-b');
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
  const patterns = fc
    .oneof(
      path,
      path.map((prefix) => `${prefix}/*`),
      fc.constantFrom('*', 'a/*'),
    )
    .filter(isPattern);
  const given = fc.subarray<Action>([...actions], { minLength: 1 });
  const subjects: Subject[] = [
    ...['ada', 'bob', 'eve', 'root'].map((name) => ({ type: 'user', name }) as const),
    ...['red', 'blue'].map((name) => ({ type: 'group', name }) as const),
    ...['a+ci', 'a+cd'].map((name) => ({ type: 'robot', name }) as const),
  ];
  const content = fc.record({
    repositories: fc.uniqueArray(
      fc.record({ name: path, visibility: fc.constantFrom<Visibility>('private', 'private', 'internal', 'public') }),
      { selector: ({ name }) => name, maxLength: 8 },
    ),
    members: fc.record({ red: fc.subarray(['ada', 'bob']), blue: fc.subarray(['ada', 'eve', 'root']) }),
    grants: fc.uniqueArray(fc.record({ subject: fc.constantFrom(...subjects), pattern: patterns, actions: given }), {
      selector: ({ subject, pattern }) => `${nameOf(subject)} ${pattern}`,
      maxLength: 14,
    }),
    narrowedTo: fc.option(fc.array(fc.record({ pattern: patterns, actions: given }), { maxLength: 3 }), {
      nil: undefined,
    }),
    limit: fc.integer({ min: 1, max: 4 }),
    asked: path,
  });

  it('listVisible, the effective rights, explain and managesPattern say what decide says', async () => {
    const principals = new Map<string, Principal>([
      ['user ada', world.ada],
      ['user root', world.admin],
      ['user bob', await world.user('bob')],
      ['user eve', await world.user('eve')],
      ['robot a+ci', await world.robot('a', 'ci')],
      ['robot a+cd', await world.robot('a', 'cd')],
    ]);
    for (const name of ['red', 'blue']) await world.group(name);
    const members = new Map<string, string[]>([
      ['red', []],
      ['blue', []],
    ]);

    const check = async (model: typeof content extends fc.Arbitrary<infer T> ? T : never) => {
      for (const { name } of (await world.permissions.listVisible(world.admin, { limit: 100 })).items)
        await world.repositories.remove(name);
      for (const { id } of (await world.grants.list({ limit: 100 })).items) await world.grants.remove(id);
      for (const [group, wanted] of Object.entries(model.members)) {
        for (const name of members.get(group) ?? []) await world.groups.removeMember(group, name);
        for (const name of wanted) await world.groups.addMember(group, name);
        members.set(group, wanted);
      }
      for (const { name, visibility } of model.repositories) await world.repository(name, visibility);
      const rows: { subject: Subject; fact: GrantFact }[] = [];
      for (const { subject, pattern, actions: some } of model.grants) {
        const { grant } = await world.grants.put({ subject, pattern, actions: some }, null);
        rows.push({ subject, fact: { id: grant.id, pattern, actions: some } });
      }

      /** The rows that count for a subject: its own and its groups'. */
      const rowsOf = ({ type, name }: Subject) =>
        rows.filter(
          ({ subject }) =>
            (subject.type === type && subject.name === name) ||
            (type === 'user' && subject.type === 'group' && members.get(subject.name)?.includes(name)),
        );
      const visibilityOf = (name: RepositoryName) =>
        model.repositories.find((one) => one.name === String(name))?.visibility;
      const expected = (key: string, principal: Principal, name: RepositoryName, narrowedTo?: readonly Narrowing[]) => {
        const [type, subject = ''] = key.split(' ');
        const own = principal.kind === 'anonymous' ? [] : rowsOf({ type: type as Subject['type'], name: subject });
        const facts = { visibility: visibilityOf(name), grants: own.map(({ fact }) => fact), narrowedTo };
        return decideAll(principal, name, facts);
      };
      const names = [...new Set([...model.repositories.map(({ name }) => name), model.asked])].map(parseRepositoryName);

      for (const [key, principal] of [...principals, ['anonymous', anonymous] as const]) {
        for (const narrowedTo of [undefined, model.narrowedTo]) {
          for (const name of names) {
            const wanted = expected(key, principal, name, narrowedTo);
            expect(await world.permissions.allowedActions(principal, name, narrowedTo)).toEqual(wanted);
            const explained = await world.permissions.explain(principal, name, narrowedTo);
            expect(actions.filter((action) => explained[action].allowed)).toEqual([...wanted]);
          }
          const seen = await everything((after) =>
            world.permissions.listVisible(principal, { limit: model.limit, after, narrowedTo }),
          );
          const visible = names.filter(
            (name) => visibilityOf(name) && expected(key, principal, name, narrowedTo).has('pull'),
          );
          expect(seen.map(({ name }) => name)).toEqual(visible.sort());
          for (const { name, actions: shown } of seen)
            expect(shown).toEqual(expected(key, principal, name, narrowedTo));
        }
        const managed = rowsOf(subjectOf(principal)).some(
          ({ fact }) => fact.actions.includes('manage') && patternIncludes(fact.pattern, model.asked as Pattern),
        );
        const admin = principal === world.admin;
        expect(await world.permissions.managesPattern(principal, parsePattern(model.asked))).toBe(managed || admin);
      }

      for (const name of names) {
        const rights = await everything<SubjectRights>((cursor) =>
          world.permissions.rightsOn(name, { limit: model.limit, cursor }),
        );
        const granted = subjects.filter((one) => rowsOf(one).some(({ fact }) => patternCovers(fact.pattern, name)));
        expect(rights.map(({ subject }) => nameOf(subject)).sort()).toEqual(granted.map(nameOf).sort());
        for (const { subject, actions: explained, grants } of rights) {
          const covering = rowsOf(subject).filter(({ fact }) => patternCovers(fact.pattern, name));
          expect(grants.map(({ id }) => id).sort()).toEqual(covering.map(({ fact }) => fact.id).sort());
          const principal = principals.get(nameOf(subject));
          if (principal === undefined) continue;
          const wanted = expected(nameOf(subject), principal, name);
          expect(actions.filter((action) => explained[action].allowed)).toEqual([...wanted]);
        }
      }
      for (const subject of subjects) {
        const found = await everything((cursor) => world.permissions.rightsOf(subject, { limit: model.limit, cursor }));
        const wanted = rowsOf(subject).map(({ fact }) => fact.id);
        expect(found.map(({ id }) => id).sort()).toEqual(wanted.sort());
      }
    };
    await fc.assert(fc.asyncProperty(content, check), { numRuns: 40 });
  }, 120_000);
});

function subjectOf(principal: Principal): Subject {
  return principal.kind === 'anonymous' ? { type: 'user', name: '' } : { type: principal.kind, name: principal.name };
}
