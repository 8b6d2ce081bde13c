import fc from 'fast-check';
import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { parsePattern } from '../access/pattern.js';
import { anonymous, type Principal } from '../access/principal.js';
import type { Visibility } from '../access/visibility.js';
import type { Database, PreparedRead } from '../database/database.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import type { Asker } from './asker.js';
import type { RepositorySort } from './visible-repositories.store.js';

let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

const sees = async (who: Principal, q?: string) =>
  (await world.permissions.listVisible(who, { limit: 100, q })).items.map(({ name }) => String(name));

const selected = async (asker: Asker) => {
  const { sql, values } = await world.permissions.selectVisible(asker);
  const rows = await world.database.search<{ id: number; name: string; created_at: number }>(sql, values);
  for (const row of rows)
    expect(row).toEqual({ id: expect.any(Number), name: expect.any(String), created_at: expect.any(Number) });
  return rows.map(({ name }) => name).sort();
};

describe('the list of what somebody sees', () => {
  it('pages in byte order, each repository once, and ends', async () => {
    for (const name of ['b', 'a/b', 'a-b', 'a.b', 'a/b/c', 'a0', 'c'])
      await world.repository(name, name === 'c' ? 'internal' : 'private');
    await world.grant('a/*', 'pull');
    await world.grant('a/b/*', 'push');
    await world.grant('a/b', 'push');
    await world.grant('a-b', 'pull');
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await world.permissions.listVisible(world.ada, { limit: 1, after });
      names.push(...page.items.map(({ name }) => name));
      after = page.nextCursor;
    } while (after !== undefined);
    expect(names).toEqual(['a-b', 'a/b', 'a/b/c', 'c']);
    expect(await sees(world.admin)).toEqual(['a-b', 'a.b', 'a/b', 'a/b/c', 'a0', 'b', 'c']);
  });

  it('finds a text in the names, and nothing special in it', async () => {
    for (const name of ['team/app', 'team/app_x', 'other']) await world.repository(name);
    await world.grant('team/*', 'pull');
    expect(await sees(world.ada, 'APP')).toEqual(['team/app', 'team/app_x']);
    expect(await sees(world.ada, 'p_x')).toEqual(['team/app_x']);
    expect(await sees(world.ada, '%')).toEqual([]);
    expect(await sees(world.ada, 'other')).toEqual([]);
  });

  it('comes in other orders, also of what is searched', async () => {
    for (const name of ['team/c', 'team/a', 'team/b', 'other']) await world.repository(name);
    await world.grant('team/*', 'pull');
    await world.database.write(async (tx) => {
      for (const [name, second] of Object.entries({ 'team/c': 3, 'team/a': 1, 'team/b': 2 }))
        await tx.sql`UPDATE repositories SET created_at = ${second}, pushed_at = ${second === 1 ? null : 9 - second}
          WHERE name = ${name}`;
    });
    const walk = async (sort: RepositorySort, q: string, limit: number) => {
      const names: string[] = [];
      let after: string | undefined;
      do {
        const page = await world.permissions.listVisible(world.ada, { limit, after, q, sort });
        names.push(...page.items.map(({ name }) => name));
        after = page.nextCursor;
      } while (after !== undefined);
      return names;
    };
    const expected = {
      name: ['team/a', 'team/b', 'team/c'],
      createdAt: ['team/a', 'team/b', 'team/c'],
      pushedAt: ['team/a', 'team/c', 'team/b'],
    };
    for (const [sort, names] of Object.entries(expected) as [keyof typeof expected, string[]][])
      for (const q of ['', 'team'])
        for (const limit of [1, 2, 5]) {
          expect(await walk(sort, q, limit)).toEqual(names);
          expect(await walk(`-${sort}`, q, limit)).toEqual([...names].reverse());
        }
    const wrong = world.permissions.listVisible(world.ada, { limit: 1, after: 'team/a', sort: 'createdAt' });
    expect(await outcomeOf(wrong)).toBe('VALIDATION_FAILED');
  });

  it('can be counted', async () => {
    for (const name of ['team/a', 'team/b', 'other']) await world.repository(name);
    await world.grant('team/*', 'pull');
    expect(await world.permissions.countVisible({ principal: world.ada })).toBe(2);
    expect(await world.permissions.countVisible({ principal: world.ada }, 'A')).toBe(2);
    expect(await world.permissions.countVisible({ principal: world.ada }, '/a')).toBe(1);
    expect(await world.permissions.countVisible({ principal: world.admin })).toBe(3);
  });

  it('says what may be done there', async () => {
    await world.repository('team/app', 'internal');
    await world.grant('team/*', 'push');
    const [item] = (await world.permissions.listVisible(world.ada, { limit: 1 })).items;
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
    const content = fc.record({
      repositories: fc.uniqueArray(fc.record({ name: path, visibility }), {
        selector: ({ name }) => name,
        maxLength: 12,
      }),
      patterns: fc.uniqueArray(pattern, { maxLength: 6 }),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(content, async ({ repositories: rows, patterns, limit }) => {
        for (const { name } of (await world.permissions.listVisible(world.admin, { limit: 100 })).items)
          await world.repositories.remove(name);
        for (const { id } of (await world.grants.list({ limit: 100 })).items) await world.grants.remove(id);
        for (const { name, visibility: open } of rows) await world.repository(name, open);
        for (const one of patterns) await world.grant(one, 'push');
        for (const who of [anonymous, world.ada, world.admin]) {
          const expected: string[] = [];
          for (const { name } of rows)
            if ((await world.permissions.allowedActions(who, parseRepositoryName(name))).has('pull'))
              expected.push(name);
          const found: string[] = [];
          let after: string | undefined;
          do {
            const page = await world.permissions.listVisible(who, { limit, after });
            found.push(...page.items.map(({ name }) => name));
            after = page.nextCursor;
          } while (after !== undefined);
          expect(found).toEqual(expected.sort());
          expect(await selected({ principal: who })).toEqual(found);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('all that somebody sees', () => {
  const asker = (...patterns: string[]) => ({
    principal: world.ada,
    narrowedTo: patterns.map((text) => ({ pattern: parsePattern(text), actions: ['pull'] as const })),
  });

  it('is what one may oneself, what one’s groups may, and what a robot may', async () => {
    for (const name of ['a/own', 'a/group', 'a/robot', 'b']) await world.repository(name);
    await world.repository('open', 'internal');
    await world.group('makers', 'ada');
    const robot = await world.robot('a', 'ci');
    await world.grant('a/own', 'pull');
    await world.give('group', 'makers', 'a/group', 'push');
    await world.give('robot', 'a+ci', 'a/robot', 'delete');
    expect(await selected({ principal: world.ada })).toEqual(['a/group', 'a/own', 'open']);
    expect(await selected({ principal: robot })).toEqual(['a/robot', 'open']);
    expect(await selected({ principal: world.admin })).toEqual(['a/group', 'a/own', 'a/robot', 'b', 'open']);
    expect(await selected({ principal: anonymous })).toEqual([]);
  });

  it('is no more than the credential is for', async () => {
    for (const name of ['a/x', 'a/y', 'b/x']) await world.repository(name);
    await world.grant('*', 'manage');
    expect(await selected(asker('a/*'))).toEqual(['a/x', 'a/y']);
    expect(await selected(asker('a/x', 'b/*'))).toEqual(['a/x', 'b/x']);
    const identify = async (one: Asker) =>
      world.permissions.identifyVisible(await world.permissions.selectVisible(one));
    expect(await identify(asker('a/*'))).toBe(await identify(asker('a/x', 'a/y')));
    expect(await identify(asker('a/*'))).not.toBe(await identify(asker('a/x', 'b/x')));
    expect(await selected(asker('c/*'))).toEqual([]);
    expect(await selected(asker())).toEqual([]);
  });
});

describe('queries', () => {
  it('walk indexes only', async () => {
    const plans: string[] = [];
    const asked = world.permissionsOver(explainingDatabase(world.database, plans));
    const app = parseRepositoryName('team/app');
    const narrowedTo = [{ pattern: parsePattern('team/*'), actions: ['pull'] as const }];
    await world.group('makers', 'ada');
    const robot = await world.robot('team', 'ci');
    await world.grant('team/*', 'pull');
    await world.give('group', 'makers', 'team/*', 'pull');
    await world.give('robot', 'team+ci', 'team/*', 'pull');
    await world.repository('team/app');
    for (const who of [anonymous, world.ada, world.admin, robot]) {
      await asked.listVisible(who, { limit: 10, after: 'a', q: 'x' });
      await asked.listVisible(who, { limit: 10, narrowedTo });
      await asked.allowedActions(who, app);
    }
    await asked.preview(parsePattern('*'), 10);
    await asked.rightsOn(app, { limit: 10 }, { principal: world.admin });
    await asked.rightsEndingWith(app, { limit: 10 }, { principal: world.admin });
    for (const principal of [world.ada, robot]) {
      const managing = asked.managing({ principal });
      await managing.manages(parsePattern('team/*'));
      if (robot.kind === 'robot') await managing.managesAllOf(robot);
    }
    for (const type of ['user', 'group', 'robot'] as const) {
      const name = { user: 'ada', group: 'makers', robot: 'team+ci' }[type];
      await asked.rightsOf({ type, name }, { limit: 10 });
      await asked.rightsOfOne({ type, name }, app, { principal: world.admin });
      await asked.grants.list({ limit: 10, subject: { type, name } });
    }
    for (const filter of [
      {},
      { subject: { type: 'user', name: 'ada' } } as const,
      { pattern: parsePattern('*') },
      { repository: parseRepositoryName('a/b') },
    ])
      await asked.grants.list({ limit: 10, ...filter });
    expect(plans.length).toBeGreaterThan(12);
    expect(
      plans.filter(
        (plan) => !/^SEARCH|^SCAN (bounds|patterns) VIRTUAL TABLE|^USE TEMP B-TREE FOR ORDER BY$/.test(plan),
      ),
    ).toEqual([]);
  });
});

/** Notes how SQLite answers each query before it does. */
function explainingDatabase(database: Database, plans: string[]): Database {
  const note = async (sql: string, values: readonly unknown[]) => {
    const steps = await database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, [...values]);
    plans.push(...steps.map(({ detail }) => detail));
  };
  return {
    awaited: false,
    write: (work) => database.write(work),
    whenOver: (tx, told) => database.whenOver(tx, told),
    close: () => database.close(),
    search: (sql, values) => database.search(sql, values),
    read: Object.assign(Object.create(database.read), {
      async query(sql: string, values: unknown[] = []) {
        await note(sql, values);
        return database.read.query(sql, values);
      },
    }),
    prepare<Row>(sql: string): PreparedRead<Row> {
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
        column: async (...values) => {
          await note(sql, values);
          return statement.column(...values);
        },
        walk: async (visit, ...values) => {
          await note(sql, values);
          return statement.walk(visit, ...values);
        },
      };
    },
  };
}
