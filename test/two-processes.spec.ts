import { parsePattern } from '../src/access/pattern.js';
import { Changes } from '../src/changes/changes.js';
import type { Database } from '../src/database/database.js';
import { openDatabase } from '../src/database/open-database.js';
import { Failure } from '../src/errors/failure.js';
import { recordMove } from '../src/images/tag-history.store.js';
import { parseTag } from '../src/oci/reference.js';
import { parseRepositoryName } from '../src/oci/repository-name.js';
import { GrantEntity } from '../src/permissions/grant.entity.js';
import { Management } from '../src/permissions/management.js';
import { Permissions } from '../src/permissions/permissions.js';
import { Repositories } from '../src/repositories/repositories.js';
import { RepositoryEntity } from '../src/repositories/repository.entity.js';
import { userEntities } from '../src/users/entities.js';
import { Groups } from '../src/users/groups/groups.js';
import { Robots } from '../src/users/robots/robots.js';
import { maxSessionsOfUser, Sessions } from '../src/users/sessions.js';
import { AccessTokens } from '../src/users/tokens/access-tokens.js';
import { RefreshTokens } from '../src/users/tokens/refresh-tokens.js';
import { principalOf, type User } from '../src/users/user.js';
import { Users } from '../src/users/users.js';
import { outcomeOf } from './support/outcome.js';
import { searchWorker, silentLog, type TemporaryDatabase, temporaryDatabase } from './support/temporary-database.js';

/** Two processes with one database: what holds of all rows together holds whichever of them writes. */
const entities = [...userEntities, RepositoryEntity, GrantEntity];
let temporary: TemporaryDatabase;
let second: Database;
let both: readonly [Process, Process];
let ada: User;

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities });
  second = await openDatabase({ entities, file: temporary.file, log: silentLog, searchWorker });
  both = [processOver(temporary.database), processOver(second)];
  ({ user: ada } = await both[0].users.create({ username: 'ada', password: 'four green bottles', role: 'admin' }));
});
afterEach(async () => {
  await second.close();
  await temporary.remove();
});

type Process = ReturnType<typeof processOver>;

function processOver(database: Database) {
  const changes = new Changes(database);
  const users = new Users(database, changes, { hash: async () => 'no hash' }); // nobody signs in here
  const [groups, robots, tokens] = [
    new Groups(database, changes),
    new Robots(database, changes),
    new AccessTokens(database, changes),
  ];
  const repositories = new Repositories(database, changes);
  const permissions = new Permissions(database, changes, repositories, { user: users, group: groups, robot: robots });
  const { grants } = permissions;
  const management = new Management({ permissions, grants, repositories, robots, tokens, users });
  const sessions = new Sessions(database, changes, { idleMs: 60_000, lifeMs: 600_000 });
  return {
    database,
    users,
    groups,
    robots,
    tokens,
    repositories,
    management,
    sessions,
    refreshTokens: new RefreshTokens(database, changes, users),
  };
}

/** What becomes of the same change in both at the same time. */
async function inBoth(change: (one: Process, place: number) => Promise<unknown>): Promise<string[]> {
  return (await Promise.all(both.map((one, place) => outcomeOf(change(one, place))))).sort();
}

/** Does the second change once the first is inside its transaction and has yet to commit. */
async function inside(first: (condition: () => Promise<void>) => Promise<unknown>, second: () => Promise<unknown>) {
  let outcome: Promise<string> | undefined;
  await first(async () => {
    outcome = outcomeOf(second());
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  });
  return await outcome;
}

it('one administrator stays, also when each of two takes the rights of the other', async () => {
  const [one, other] = both;
  await one.users.create({ username: 'bob', password: 'four green bottles', role: 'admin' });
  const demoted = { role: 'user' } as const;
  const outcome = await inside(
    (condition) => one.users.update('ada', demoted, condition),
    () => other.users.update('bob', demoted),
  );
  expect(outcome).toBe('LAST_ADMIN');
  await one.users.update('ada', { role: 'admin' });
  expect(await inBoth(({ users }, place) => users.remove(place === 0 ? 'ada' : 'bob'))).toEqual(['LAST_ADMIN', 'done']);
  expect((await one.users.list({ limit: 9 })).items).toMatchObject([{ role: 'admin', enabled: true }]);
});

it('nobody has more access tokens, sessions and refresh tokens than anybody may', async () => {
  const [{ tokens, sessions, refreshTokens }] = both;
  const client = { address: '', userAgent: '', remember: false };
  for (let count = 0; count < 99; count++) {
    await tokens.create(ada.id, { name: `token ${count}` });
    await sessions.open(ada, client);
    await refreshTokens.issue(ada, { service: 's', clientId: 'c', address: '' });
  }
  expect(await inBoth((one, place) => one.tokens.create(ada.id, { name: `last ${place}` }))).toEqual([
    'CONFLICT',
    'done',
  ]);
  await inBoth((one) => one.sessions.open(ada, client));
  await inBoth((one) => one.refreshTokens.issue(ada, { service: 's', clientId: 'c', address: '' }));
  const { read } = temporary.database;
  const counts = 'SELECT (SELECT COUNT(*) FROM sessions) AS sessions, (SELECT COUNT(*) FROM refresh_tokens) AS tokens';
  expect(await read.query(counts)).toEqual([{ sessions: maxSessionsOfUser, tokens: 100 }]);
});

it('a robot has two secrets, and a namespace a thousand robots that are not made by administrators', async () => {
  const [{ robots, users, management }] = both;
  await robots.create({ namespace: 'team', name: 'ci' });
  expect(await inBoth((one) => one.robots.addSecret('team+ci'))).toEqual(['CONFLICT', 'done']);
  const { user } = await users.create({ username: 'bob', password: 'four green bottles', role: 'user' });
  const subject = { type: 'user', name: 'bob' } as const;
  await management
    .grants({ principal: principalOf(ada) })
    .put({ subject, pattern: parsePattern('team/*'), actions: ['manage'] });
  await temporary.database.write((tx) =>
    tx.query(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 998)
      INSERT INTO robots (namespace, name, enabled, created_at, updated_at) SELECT 'team', 'team+r' || n, 1, 0, 0 FROM n`),
  );
  const make = (one: Process, place: number) =>
    one.management.robots({ principal: principalOf(user) }).create({ namespace: 'team', name: `last${place}` });
  expect(await inBoth(make)).toEqual(['CONFLICT', 'done']);
});

it('a subject has one grant of a pattern, and no more grants than there is room for', async () => {
  const subject = { type: 'user', name: 'ada' } as const;
  const give = (pattern: string) => (one: Process) =>
    one.management
      .grants({ principal: principalOf(ada) })
      .put({ subject, pattern: parsePattern(pattern), actions: ['pull'], onlyNew: true });
  expect(await inBoth(give('team/*'))).toEqual(['CONFLICT', 'done']);
  await temporary.database.write((tx) =>
    tx.query(
      `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9998)
      INSERT INTO grants (user_id, pattern, can_pull, can_push, can_delete, can_manage, created_at) SELECT ?, 'n/r' || n, 1, 0, 0, 0, 0 FROM n`,
      [ada.id],
    ),
  );
  expect(await inBoth((one, place) => give(`last/${place}`)(one))).toEqual(['CONFLICT', 'done']);
});

it('a condition is asked of what the other process has just committed', async () => {
  const [one, other] = both;
  let seen: unknown;
  const outcome = await inside(
    (condition) => one.users.update('ada', { fullName: 'Ada' }, condition),
    () =>
      other.users.update('ada', { fullName: 'Someone' }, ({ fullName }) => {
        seen = fullName;
        throw new Failure('PRECONDITION_FAILED');
      }),
  );
  expect([outcome, seen]).toEqual(['PRECONDITION_FAILED', 'Ada']);
  expect((await other.users.find('ada'))?.fullName).toBe('Ada');
});

it('the moves of a tag are numbered without a gap and without a number twice', async () => {
  const name = parseRepositoryName('team/app');
  const description = { visibility: 'private', description: '', ownerId: null } as const;
  await both[0].repositories.create({ name, ...description });
  const [{ id }] = await temporary.database.read.query('SELECT id FROM repositories');
  const moves = Array.from({ length: 10 }, () =>
    inBoth(({ database, repositories }) =>
      database.write(async (tx) => {
        await repositories.lock(tx, name);
        await recordMove(tx, id, parseTag('latest'), undefined, new Date());
      }),
    ),
  );
  expect((await Promise.all(moves)).flat()).toEqual(Array(20).fill('done'));
  const numbers = await temporary.database.read.query('SELECT number FROM tag_moves ORDER BY number');
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, place) => ({ number: place + 1 })));
});
