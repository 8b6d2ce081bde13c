import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { parsePattern } from '../access/pattern.js';
import type { Principal } from '../access/principal.js';
import type { Database, SqlValue } from '../database/database.js';
import { parseRepositoryName } from '../oci/repository-name.js';

/** However much somebody was given, every question has an answer; and nobody can give without end. */
let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

/** Grants to pull, written as the table has them: one for each number, on what `patternOf` makes of `n`. */
async function fill(count: number, pattern: string, prefix: string, more: { owner?: string; by?: number } = {}) {
  const { owner = "user_id) SELECT (SELECT id FROM users WHERE username = 'ada')", by = null } = more;
  const [column = '', select = ''] = owner.split(') ');
  await world.database.write((tx) =>
    tx.query(
      `WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ${count - 1})
       INSERT INTO grants (can_pull, can_push, can_delete, can_manage, created_at, created_by, pattern, prefix, ${column})
       SELECT 1, 0, 0, 0, 0, ?, ${pattern}, ${prefix}, ${select.replace('SELECT ', '')} FROM n`,
      [by],
    ),
  );
}

const see = async (principal: Principal) => {
  const narrowedTo = [{ pattern: parsePattern('*'), actions: ['pull'] as const }];
  const lists = await Promise.all([
    world.permissions.listVisible(principal, { limit: 10 }),
    world.permissions.listVisible(principal, { limit: 10, q: 'app' }),
    world.permissions.listVisible(principal, { limit: 10, sort: '-createdAt', narrowedTo }),
  ]);
  return [...lists.map(({ items }) => items.map(({ name }) => String(name))), await count({ principal })];
};
const count = (asker: { principal: Principal }) => world.permissions.countVisible(asker);

it('40,000 grants on prefixes, on names and to groups are one list like any other', async () => {
  for (const name of ['a/n1/app', 'a/n39999/app', 'b/app5', 'c/app']) await world.repository(name);
  await fill(40_000, "'a/n' || n || '/*'", "'a/n' || n || '/'");
  await fill(40_000, "'b/app' || n", 'NULL');
  const seen = ['a/n1/app', 'a/n39999/app', 'b/app5'];
  expect(await see(world.ada)).toEqual([seen, seen, [...seen].reverse(), 3]);
}, 60_000);

it('what somebody was granted is read once, however many lists they ask for at once, and anew when it changes', async () => {
  for (const name of ['a/n1/app', 'b/app']) await world.repository(name);
  await fill(5_000, "'a/n' || n || '/*'", "'a/n' || n || '/'");
  let read = 0;
  const counting = {
    prepare: (sql: string) => {
      const prepared = world.database.prepare<object>(sql);
      const list = async (...values: SqlValue[]) => {
        const rows = await prepared.list(...values);
        if (/\bFROM grants g? ?WHERE\b.*\bprefix (?:>=|IS NOT NULL)/s.test(sql)) read += rows.length;
        return rows;
      };
      return { ...prepared, list };
    },
    search: world.database.search.bind(world.database),
    write: world.database.write.bind(world.database),
    read: world.database.read,
  } as unknown as Database; // nothing else of it is asked for
  const permissions = world.permissionsOver(counting);
  const lists = () =>
    Promise.all([
      ...Array.from({ length: 9 }, () => permissions.listVisible(world.ada, { limit: 10 })),
      permissions.listVisible(world.ada, { limit: 10, q: 'app' }),
    ]);
  const names = async () => (await lists()).map(({ items }) => items.map(({ name }) => String(name)));
  expect(await names()).toEqual(Array(10).fill(['a/n1/app']));
  expect(read).toBe(5_000);
  const subject = { type: 'user', name: 'ada' } as const;
  await permissions.grants.put({ subject, pattern: parsePattern('b/*'), actions: ['pull'] }, null);
  expect(await names()).toEqual(Array(10).fill(['a/n1/app', 'b/app']));
}, 60_000);

it('somebody in 40,000 groups sees what each of them was granted', async () => {
  await world.repository('g/app39999');
  await world.database.write(async (tx) => {
    const numbers = 'WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 39999)';
    await tx.query(
      `${numbers} INSERT INTO "groups" (name, created_at, updated_at) SELECT printf('g%05d', n), 0, 0 FROM n`,
    );
    await tx.query(
      `INSERT INTO group_members (group_id, user_id, created_at)
       SELECT g.id, u.id, 0 FROM "groups" g JOIN users u ON u.username = 'ada'`,
    );
  });
  const owner = 'group_id) SELECT (SELECT id FROM "groups" WHERE name = printf(\'g%05d\', n))';
  await fill(40_000, "'g/app' || n", 'NULL', { owner });
  expect(await count({ principal: world.ada })).toBe(1);

  // Their rights are read a few groups at a time: others have their turn meanwhile.
  await fill(2_000, "'*'", "''", { owner });
  const name = parseRepositoryName('g/app39999');
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  const of = await world.permissions.rightsOf({ type: 'user', name: 'ada' }, { limit: 10 });
  const between = turns;
  const on = await world.permissions.rightsOn(name, { limit: 10 }, { principal: world.admin });
  clearImmediate(next);
  expect(of.items.map(({ pattern }) => String(pattern))).toEqual(Array.from({ length: 10 }, () => '*'));
  expect(on.items).toMatchObject([{ subject: { name: 'ada' } }, ...Array.from({ length: 9 }, () => ({}))]);
  expect(Math.min(between, turns - between)).toBeGreaterThan(20);
}, 60_000);

describe('there is an end to what', () => {
  const give = (principal: Principal, pattern: string, name = 'ada') =>
    outcomeOf(
      world.management
        .grants({ principal })
        .put({ subject: { type: 'user', name }, pattern: parsePattern(pattern), actions: ['pull'] }),
    );
  let boss: Principal;
  beforeEach(async () => {
    boss = await world.user('boss');
    await world.give('user', 'boss', 'a/*', 'manage');
  });

  it('one subject is granted by others than administrators, however many ask at once', async () => {
    await fill(4_998, "'a/n' || n", 'NULL');
    const asked = await Promise.all(['a/x1', 'a/x2', 'a/x3', 'a/x4'].map((pattern) => give(boss, pattern)));
    expect(asked).toEqual(['done', 'done', 'CONFLICT', 'CONFLICT']);
    expect(await give(boss, 'a/x1')).toBe('done');
    expect(await give(world.admin, 'a/x3')).toBe('done');
    await fill(4_999, "'b/n' || n", 'NULL');
    expect(await give(world.admin, 'a/x4')).toBe('CONFLICT');
  });

  it('one person gives, whoever to', async () => {
    await world.user('bob');
    const by = boss.kind === 'user' ? boss.id : 0;
    await fill(9_999, "'b/n' || n", 'NULL', { by });
    expect([await give(boss, 'a/x1', 'bob'), await give(boss, 'a/x2', 'bob')]).toEqual(['done', 'CONFLICT']);
    expect(await give(world.admin, 'a/x2', 'bob')).toBe('done');
  });

  it('robots give below one name, and how many robots a manager makes', async () => {
    await world.user('bob');
    const robot = await world.robot('a', 'ci');
    await world.give('robot', 'a+ci', 'a/*', 'manage');
    await fill(19_997, "'a/n' || n", 'NULL');
    expect([await give(robot, 'a/x1', 'bob'), await give(robot, 'a/x2', 'bob')]).toEqual(['done', 'CONFLICT']);
    await world.database.write((tx) =>
      tx.query(
        `WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 997)
         INSERT INTO robots (namespace, name, enabled, created_at, updated_at)
         SELECT 'a/s' || n, 'a/s' || n || '+ci', TRUE, 0, 0 FROM n`,
      ),
    );
    const make = (principal: Principal, name: string) =>
      outcomeOf(world.management.robots({ principal }).create({ namespace: 'a', name }));
    expect([await make(boss, 'x1'), await make(boss, 'x2'), await make(world.admin, 'x3')]).toEqual([
      'done',
      'CONFLICT',
      'done',
    ]);
  });
});
