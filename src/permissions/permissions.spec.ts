import fc from 'fast-check';
import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { type Action, actions } from '../access/action.js';
import { type Pattern, parsePattern } from '../access/pattern.js';
import { anonymous, type Principal } from '../access/principal.js';
import type { Visibility } from '../access/visibility.js';
import type { Database } from '../database/database.js';
import { isFailure } from '../errors/failure.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoryEntity } from '../repositories/repository.entity.js';
import { SessionEntity } from '../users/session.entity.js';
import { UserEntity } from '../users/user.entity.js';
import { principalOf } from '../users/user.js';
import { Users } from '../users/users.js';
import { GrantEntity } from './grant.entity.js';
import { Grants } from './grants.js';
import { Permissions } from './permissions.js';
import { VisibleRepositories } from './visible-repositories.js';

/** Accounts here never sign in. */
const hasher = { hash: async () => 'no hash' };

let temporary: TemporaryDatabase;
let users: Users;
let repositories: Repositories;
let grants: Grants;
let permissions: Permissions;
let ada: Principal;
let admin: Principal;

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [UserEntity, SessionEntity, RepositoryEntity, GrantEntity] });
  const { database } = temporary;
  users = new Users(database, hasher);
  repositories = new Repositories(database);
  grants = new Grants(database, users);
  permissions = new Permissions(grants, repositories, new VisibleRepositories(database), users);
  ada = await principal('ada', 'user');
  admin = await principal('root', 'admin');
});
afterEach(() => temporary.remove());

const principal = async (username: string, role: 'user' | 'admin') =>
  principalOf((await users.create({ username, password: 'four green bottles', role })).user);
const repository = (name: string, visibility: Visibility = 'private') =>
  repositories.create({ name: parseRepositoryName(name), visibility, description: '', ownerId: null });
const grant = async (pattern: string, ...given: Action[]) =>
  (await grants.put({ username: 'ada', pattern: parsePattern(pattern), actions: given }, null)).grant;
const may = async (who: Principal, name: string) => [
  ...(await permissions.allowedActions(who, parseRepositoryName(name))),
];
const sees = async (who: Principal, q?: string) =>
  (await permissions.listVisible(who, { limit: 100, q })).items.map(({ name }) => String(name));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (isFailure(error) ? error.code : String(error)),
  );

describe('what somebody may do', () => {
  it('comes from the role, the visibility and the grants that cover the name', async () => {
    await repository('team/app', 'internal');
    await repository('open/app', 'public');
    await grant('team/sub/*', 'push');
    await grant('team/app', 'delete');
    expect(await may(admin, 'no/such')).toEqual(actions);
    expect(await may(anonymous, 'open/app')).toEqual(['pull']);
    expect(await may(anonymous, 'team/app')).toEqual([]);
    expect(await may(ada, 'open/app')).toEqual(['pull']);
    expect(await may(ada, 'team/app')).toEqual(['pull', 'delete']);
    expect(await may(ada, 'team/sub/new')).toEqual(['pull', 'push']);
    expect(await may(ada, 'team/sub/deep/new')).toEqual(['pull', 'push']);
    expect(await may(ada, 'team/subway')).toEqual([]);
    expect(await may(ada, 'team/sub')).toEqual([]);
  });

  it('is answered at once the second time', async () => {
    const { name } = await repository('team/app');
    await permissions.allowedActions(ada, name);
    expect(permissions.allowedActions(ada, name)).not.toBeInstanceOf(Promise);
    expect(permissions.allows(ada, 'pull', name)).toBe(false);
  });

  it('changes with the next question after a grant, the visibility or the account changed', async () => {
    const { name } = await repository('team/app');
    const answers: unknown[] = [await may(ada, name)];
    const { id } = await grant('team/*', 'push');
    answers.push(await may(ada, name));
    await grant('team/*', 'pull');
    answers.push(await may(ada, name));
    await grants.remove(id);
    answers.push(await may(ada, name));
    await repositories.update(name, { visibility: 'internal' });
    answers.push(await may(ada, name));
    await repositories.remove(name);
    answers.push(await may(ada, name));
    expect(answers).toEqual([[], ['pull', 'push'], ['pull'], [], ['pull'], []]);
  });

  it('goes with the account', async () => {
    await grant('*', 'push');
    expect(await may(ada, 'team/app')).toEqual(['pull', 'push']);
    await users.remove('ada');
    expect(await may(ada, 'team/app')).toEqual([]);
  });

  it('is explained by every rule that allows it', async () => {
    const { name } = await repository('team/app', 'internal');
    const { id } = await grant('team/*', 'manage');
    const explained = await permissions.explain(ada, name);
    expect(explained.push).toEqual({ allowed: false, reasons: [] });
    expect(explained.pull.reasons).toEqual([
      { rule: 'visibility', visibility: 'internal' },
      { rule: 'grant', grant: id, pattern: 'team/*', action: 'manage' },
    ]);
  });
});

describe('managing a pattern', () => {
  it.each([
    ['team/app', 'team/app', true],
    ['team/*', 'team/app', true],
    ['team/*', 'team/*', true],
    ['team/*', 'team/sub/*', true],
    ['*', 'team/*', true],
    ['*', '*', true],
    ['team/app', 'team/*', false],
    ['team/sub/*', 'team/*', false],
    ['team/*', '*', false],
    ['team/*', 'teams/app', false],
  ])('who manages %s manages %s: %s', async (granted, asked, expected) => {
    await grant(granted, 'manage');
    expect(await permissions.managesPattern(ada, parsePattern(asked))).toBe(expected);
  });

  it('takes manage, or an administrator', async () => {
    await grant('*', 'push', 'delete', 'pull');
    expect(await permissions.managesPattern(ada, parsePattern('team/app'))).toBe(false);
    expect(await permissions.managesPattern(admin, parsePattern('*'))).toBe(true);
    expect(await permissions.managesPattern(anonymous, parsePattern('team/app'))).toBe(false);
  });
});

describe('the list of what somebody sees', () => {
  it('pages in byte order, each repository once, and ends', async () => {
    for (const name of ['b', 'a/b', 'a-b', 'a.b', 'a/b/c', 'a0', 'c'])
      await repository(name, name === 'c' ? 'internal' : 'private');
    await grant('a/*', 'pull');
    await grant('a/b/*', 'push');
    await grant('a/b', 'push');
    await grant('a-b', 'pull');
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await permissions.listVisible(ada, { limit: 1, after });
      names.push(...page.items.map(({ name }) => name));
      after = page.nextCursor;
    } while (after !== undefined);
    expect(names).toEqual(['a-b', 'a/b', 'a/b/c', 'c']);
    expect(await sees(admin)).toEqual(['a-b', 'a.b', 'a/b', 'a/b/c', 'a0', 'b', 'c']);
  });

  it('finds a text in the names, and nothing special in it', async () => {
    for (const name of ['team/app', 'team/app_x', 'other']) await repository(name);
    await grant('team/*', 'pull');
    expect(await sees(ada, 'APP')).toEqual(['team/app', 'team/app_x']);
    expect(await sees(ada, 'p_x')).toEqual(['team/app_x']);
    expect(await sees(ada, '%')).toEqual([]);
    expect(await sees(ada, 'other')).toEqual([]);
  });

  it('says what may be done there', async () => {
    await repository('team/app', 'internal');
    await grant('team/*', 'push');
    const [item] = (await permissions.listVisible(ada, { limit: 1 })).items;
    expect([...(item?.actions ?? [])]).toEqual(['pull', 'push']);
  });

  it('is exactly what decide allows to pull, whatever the grants', async () => {
    const segment = fc.constantFrom('a', 'b', 'a0', 'a-b', 'z');
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    const pattern = fc.oneof(
      path,
      path.map((prefix) => `${prefix}/*`),
      fc.constantFrom('*', 'a/*'),
    );
    const visibility = fc.constantFrom<Visibility>('private', 'private', 'private', 'internal', 'public');
    const world = fc.record({
      repositories: fc.uniqueArray(fc.record({ name: path, visibility }), {
        selector: ({ name }) => name,
        maxLength: 12,
      }),
      patterns: fc.uniqueArray(pattern, { maxLength: 6 }),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ repositories: rows, patterns, limit }) => {
        for (const { name } of (await permissions.listVisible(admin, { limit: 100 })).items)
          await repositories.remove(name);
        for (const { id } of (await grants.list({ limit: 100 })).items) await grants.remove(id);
        for (const { name, visibility: open } of rows) await repository(name, open);
        for (const one of patterns) await grant(one, 'push');
        for (const who of [anonymous, ada, admin]) {
          const expected: string[] = [];
          for (const { name } of rows)
            if (await permissions.allows(who, 'pull', parseRepositoryName(name))) expected.push(name);
          const found: string[] = [];
          let after: string | undefined;
          do {
            const page = await permissions.listVisible(who, { limit, after });
            found.push(...page.items.map(({ name }) => name));
            after = page.nextCursor;
          } while (after !== undefined);
          expect(found).toEqual(expected.sort());
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('Grants', () => {
  it('are one per user and pattern', async () => {
    const first = await grants.put(
      { username: 'ada', pattern: parsePattern('team/*'), actions: ['manage', 'pull', 'pull'] },
      null,
    );
    expect(first).toMatchObject({
      created: true,
      grant: { username: 'ada', pattern: 'team/*', actions: ['pull', 'manage'] },
    });
    const second = await grants.put({ username: 'ada', pattern: parsePattern('team/*'), actions: ['push'] }, null);
    expect(second).toEqual({ created: false, grant: { ...first.grant, actions: ['push'] } });
    expect(await grants.find(first.grant.id)).toEqual(second.grant);
    const again = { username: 'ada', pattern: parsePattern('team/*'), actions: ['pull'], onlyNew: true } as const;
    expect(await codeOf(grants.put(again, null))).toBe('CONFLICT');
    expect(await grants.find(first.grant.id)).toEqual(second.grant);
  });

  it('need a user and an action', async () => {
    const pattern = parsePattern('team/*');
    expect(await codeOf(grants.put({ username: 'nobody', pattern, actions: ['pull'] }, null))).toBe('NOT_FOUND');
    expect(await codeOf(grants.put({ username: 'ada', pattern, actions: [] }, null))).toBe('VALIDATION_FAILED');
    expect(await codeOf(grants.remove(7))).toBe('NOT_FOUND');
  });

  it('are listed by user, by pattern and by the repository they cover, in pages', async () => {
    await principal('bob', 'user');
    for (const username of ['ada', 'bob'])
      for (const pattern of ['team/app', 'team/*', '*', 'other'])
        await grants.put({ username, pattern: parsePattern(pattern), actions: ['pull'] }, null);
    const list = async (filter: Partial<Parameters<Grants['list']>[0]>) =>
      (await grants.list({ limit: 100, ...filter })).items.map(({ username, pattern }) => `${username} ${pattern}`);
    expect(await list({ username: 'bob' })).toEqual(['bob team/app', 'bob team/*', 'bob *', 'bob other']);
    expect(await list({ pattern: '*' as Pattern })).toEqual(['ada *', 'bob *']);
    expect(await list({ repository: parseRepositoryName('team/app'), username: 'ada' })).toEqual([
      'ada team/app',
      'ada team/*',
      'ada *',
    ]);
    expect(await list({ username: 'nobody' })).toEqual([]);
    const first = await grants.list({ limit: 5 });
    const second = await grants.list({ limit: 5, cursor: first.nextCursor });
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([5, 3, undefined]);
  });
});

describe('countMatching', () => {
  it('counts what a pattern covers', async () => {
    for (const name of ['team/app', 'team/sub/app', 'team', 'teams/app']) await repository(name);
    const count = (pattern: string) => permissions.countMatching(parsePattern(pattern));
    expect([await count('team/*'), await count('*'), await count('team/app'), await count('no/such')]).toEqual([
      2, 4, 1, 0,
    ]);
  });
});

describe('queries', () => {
  it('walk indexes only', async () => {
    const plans: string[] = [];
    const explaining = explainingDatabase(temporary.database, plans);
    const watched = new Grants(explaining, users);
    const asked = new Permissions(watched, repositories, new VisibleRepositories(explaining), users);
    await grant('team/*', 'pull');
    await repository('team/app');
    for (const who of [anonymous, ada, admin]) await asked.listVisible(who, { limit: 10, after: 'a', q: 'x' });
    await asked.allowedActions(ada, parseRepositoryName('team/app'));
    await asked.countMatching(parsePattern('*'));
    for (const filter of [
      {},
      { username: 'ada' },
      { pattern: parsePattern('*') },
      { repository: parseRepositoryName('a/b') },
    ])
      await watched.list({ limit: 10, ...filter });
    expect(plans.length).toBeGreaterThan(12);
    expect(plans.filter((plan) => !/^SEARCH|^USE TEMP B-TREE FOR ORDER BY$/.test(plan))).toEqual([]);
  });
});

/** Notes how SQLite answers each query before it does. */
function explainingDatabase(database: Database, plans: string[]): Database {
  const note = async (sql: string, values: readonly unknown[]) => {
    const steps = await database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, [...values]);
    plans.push(...steps.map(({ detail }) => detail));
  };
  return {
    write: (work) => database.write(work),
    close: () => database.close(),
    read: Object.assign(Object.create(database.read), {
      async query(sql: string, values: unknown[] = []) {
        await note(sql, values);
        return database.read.query(sql, values);
      },
    }),
    prepare<Row>(sql: string) {
      const statement = database.prepare<Row>(sql);
      return {
        find: async (...values) => {
          await note(sql, values);
          return statement.find(...values);
        },
        list: async (...values) => {
          await note(sql, values);
          return statement.list(...values);
        },
      };
    },
  };
}
