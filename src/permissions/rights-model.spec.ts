import fc from 'fast-check';
import { patternIncludes } from '../../test/support/pattern-includes.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { type Action, actions } from '../access/action.js';
import { isPattern, type Pattern, parsePattern, patternCovers } from '../access/pattern.js';
import { decideAll, type GrantFact, type Narrowing } from '../access/policy.js';
import { anonymous, type Principal } from '../access/principal.js';
import type { Subject } from '../access/subject.js';
import type { Visibility } from '../access/visibility.js';
import { parseRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import type { SubjectRights } from './rights.js';

let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

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

  it('listVisible, the effective rights, explain and managing say what decide says', async () => {
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
        expect(await world.permissions.managing({ principal }).manages(parsePattern(model.asked))).toBe(
          managed || admin,
        );
      }

      for (const name of names) {
        const rights = await everything<SubjectRights>((cursor) =>
          world.permissions.rightsOn(name, { limit: model.limit, cursor }, { principal: world.admin }),
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
