import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { clock } from '../async/clock.js';
import { Changes } from '../changes/changes.js';
import type { Page } from '../database/page.js';
import { userEntities } from './entities.js';
import { PasswordHasher } from './password-hasher.js';
import { SessionEntity } from './session.entity.js';
import { rowId, Sessions } from './sessions.js';
import { type SignIn, SignIns } from './sign-ins.store.js';
import type { User } from './user.js';
import { Users } from './users.js';

const hasher = new PasswordHasher(new URL('../../dist/src/users/hash-worker.js', import.meta.url));
const client = { address: '192.0.2.7', userAgent: 'a browser', remember: false };
const minute = 60_000;
const idleMs = 10 * minute;
const lifeMs = 60 * minute;

let now: number;
clock.wall = () => now;

let temporary: TemporaryDatabase;
let users: Users;
let sessions: Sessions;
let ada: User;

beforeEach(async () => {
  now = 1_000_000;
  temporary = await temporaryDatabase({ entities: userEntities });
  const changes = new Changes(temporary.database);
  users = new Users(temporary.database, changes, hasher);
  sessions = new Sessions(temporary.database, changes, { idleMs, lifeMs });
  ada = (await users.create({ username: 'ada', password: 'four green bottles', role: 'user' })).user;
});
afterEach(() => temporary.remove());
afterAll(() => hasher.onModuleDestroy());

const listed = async () =>
  (await new SignIns(temporary.database).list(ada.id, { limit: 100 })).items.map(({ id }) => id);
const alive = async (id: string) => (await sessions.find(id)) !== undefined;

describe('Sessions', () => {
  it('gives the browser 256 random bits and keeps only their hash', async () => {
    const { id } = await sessions.open(ada, client);
    expect(Buffer.from(id, 'base64url')).toHaveLength(32);
    expect(await listed()).toEqual([rowId(id)]);
    expect(await sessions.find(id)).toMatchObject({ userId: ada.id, address: '192.0.2.7', userAgent: 'a browser' });
    expect(await sessions.find(rowId(id))).toBeUndefined();
    expect(await users.find('ada')).toMatchObject({ lastSignInAt: new Date(now) });
  });

  it('ends when nobody has used it for long enough, even when it is known', async () => {
    const { id } = await sessions.open(ada, client);
    expect(await alive(id)).toBe(true);
    now += idleMs - 1;
    expect(await alive(id)).toBe(true);
    now += 1;
    expect(await alive(id)).toBe(false);
  });

  it('lives on while it is used, until the end of its life', async () => {
    const { id } = await sessions.open(ada, client);
    for (let used = 0; used < lifeMs - 2 * minute; used += 5 * minute) {
      now += 5 * minute;
      const session = await sessions.find(id);
      if (session) await sessions.touch(session);
    }
    expect(now).toBe(1_000_000 + lifeMs);
    expect(await alive(id)).toBe(false);
  });

  it('may lie idle when it is to be remembered, but not beyond its life', async () => {
    const { id, expiresAt } = await sessions.open(ada, { ...client, remember: true });
    expect(expiresAt).toEqual(new Date(now + lifeMs));
    now += lifeMs - 1;
    const session = await sessions.find(id);
    expect(session).toBeDefined();
    if (session) await sessions.touch(session);
    now += 1;
    expect(await alive(id)).toBe(false);
  });

  it('is not written again within a minute of being seen', async () => {
    const { id } = await sessions.open(ada, client);
    const seen = async (after: number) => {
      now += after;
      const session = await sessions.find(id);
      if (session) await sessions.touch(session);
      return (await sessions.find(id))?.lastSeenAt.getTime();
    };
    expect(await seen(minute - 1)).toBe(1_000_000);
    expect(await seen(1)).toBe(1_000_000 + minute);
  });

  it('ends one, all but one, or all', async () => {
    const bob = (await users.create({ username: 'bob', password: 'four green bottles', role: 'user' })).user;
    const [one, two, three] = [
      await sessions.open(ada, client),
      await sessions.open(ada, client),
      await sessions.open(ada, client),
    ];
    const other = await sessions.open(bob, client);
    const living = async () => Promise.all([one, two, three, other].map(({ id }) => alive(id)));
    expect(await living()).toEqual([true, true, true, true]);
    await sessions.revoke(one.id);
    expect(await living()).toEqual([false, true, true, true]);
    await sessions.revokeAllOf(ada.id, two.id);
    expect(await living()).toEqual([false, true, false, true]);
    expect(await sessions.revokeListed(ada.id, rowId(other.id))).toBe(false);
    expect(await sessions.revokeListed(ada.id, rowId(two.id))).toBe(true);
    await sessions.revokeAllOf(bob.id);
    expect(await living()).toEqual([false, false, false, false]);
  });

  it('is one of a hundred at most: the one seen longest ago ends at once, and everybody else keeps theirs', async () => {
    const bob = (await users.create({ username: 'bob', password: 'four green bottles', role: 'user' })).user;
    const other = await sessions.open(bob, client);
    const ids: string[] = [];
    for (let opened = 0; opened < 100; opened++, now++) ids.push((await sessions.open(ada, client)).id);
    const [first = '', second = ''] = ids;
    now += minute;
    const used = await sessions.find(first);
    if (used) await sessions.touch(used);
    expect([await alive(first), await alive(second)]).toEqual([true, true]);
    const newest = await sessions.open(ada, client);
    expect([await alive(first), await alive(second), await alive(newest.id)]).toEqual([true, false, true]);
    expect(await alive(other.id)).toBe(true);
    expect(await listed()).toHaveLength(100);
  });

  it('is opened for others while one account opens many', async () => {
    const bob = (await users.create({ username: 'bob', password: 'four green bottles', role: 'user' })).user;
    const opened: string[] = [];
    const open = (user: User) => sessions.open(user, client).then(() => opened.push(user.username));
    await Promise.all([...Array.from({ length: 30 }, () => open(ada)), open(bob)]);
    expect(opened.indexOf('bob')).toBeLessThan(5);
  });

  it('is not given up for older ones when the clock was set back', async () => {
    for (let opened = 0; opened < 100; opened++) await sessions.open(ada, client);
    now -= 5 * minute;
    const { id } = await sessions.open(ada, client);
    expect([await alive(id), (await listed()).length]).toEqual([true, 100]);
  });

  it('does not open for an account that changed since its password was checked', async () => {
    await users.setPassword('ada', 'five green bottles', { mustChange: false });
    await expect(sessions.open(ada, client)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await listed()).toEqual([]);
  });

  it('is listed page by page', async () => {
    const opened: string[] = [];
    for (let n = 0; n < 7; n++) {
      opened.unshift(rowId((await sessions.open(ada, client)).id));
      if (n % 2 === 1) now++; // two of a time, but for the last
    }
    const signIns = new SignIns(temporary.database);
    const shown: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Page<SignIn> = await signIns.list(ada.id, { limit: 3, cursor });
      shown.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect([...shown].sort()).toEqual([...opened].sort());
    expect(shown[0]).toBe(opened[0]);
  });

  it('sweeps what has expired when somebody signs in', async () => {
    await sessions.open(ada, client);
    now += idleMs;
    await sessions.open(ada, client);
    expect(await temporary.database.read.count(SessionEntity)).toBe(1);
  });
});
