import { jest } from '@jest/globals';
import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { clock } from '../async/clock.js';
import { Changes } from '../changes/changes.js';
import { userEntities } from './entities.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher, type Waiting } from './password-hasher.js';
import { Users } from './users.js';

/** The real one, counting. */
class CountingHasher extends PasswordHasher {
  comparisons = 0;
  override verify(password: string, hash: string, waiting: Waiting): Promise<boolean> {
    this.comparisons++;
    return super.verify(password, hash, waiting);
  }
}

const hasher = new CountingHasher(new URL('../../dist/src/users/hash-worker.js', import.meta.url));
const right = 'four green bottles';
const here: Waiting = { lane: 'stranger', owner: '192.0.2.7' };
let now = 0;
clock.steady = () => now;

let temporary: TemporaryDatabase;
let users: Users;
let check: PasswordCheck;

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: userEntities });
  users = new Users(temporary.database, new Changes(temporary.database), hasher);
  check = new PasswordCheck(users, hasher);
  now = 0;
  await users.create({ username: 'ada', password: right, role: 'user' });
  hasher.comparisons = 0;
});
afterEach(() => temporary.remove());
afterAll(() => hasher.onModuleDestroy());

describe('PasswordCheck', () => {
  it('gives the user for the right password', async () => {
    expect(await check.check('ada', right, here)).toMatchObject({ username: 'ada' });
  });

  it('does the same work and gives the same answer for unknown, disabled, malformed and mistaken', async () => {
    await users.create({ username: 'off', password: right, role: 'user' });
    await users.update('off', { enabled: false });
    const work: [unknown, number][] = [];
    for (const [username, password] of [
      ['ada', 'four green bottle'],
      ['nobody', right],
      ['off', right],
      ['', ''],
      ["' OR 1=1--", right],
    ] as const) {
      hasher.comparisons = 0;
      work.push([await check.check(username, password, here), hasher.comparisons]);
    }
    expect(work).toEqual(Array(5).fill([undefined, 1]));
  });

  it('remembers a success for a minute, and no failure', async () => {
    for (let i = 0; i < 3; i++) await check.check('ada', right, here);
    expect(hasher.comparisons).toBe(1);
    now = 59_999;
    await check.check('ada', right, here);
    expect(hasher.comparisons).toBe(1);
    now = 60_000;
    await check.check('ada', right, here);
    expect(hasher.comparisons).toBe(2);
    for (let i = 0; i < 2; i++) await check.check('ada', 'wrong one', here);
    expect(hasher.comparisons).toBe(4);
  });

  it('compares once for many that ask the same at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => check.check('ada', right, here)));
    expect(answers.every((user) => user?.username === 'ada')).toBe(true);
    expect(hasher.comparisons).toBe(1);
  });

  it('lets another place not wait for what is asked in a crowded one', async () => {
    const there: Waiting = { lane: 'stranger', owner: '198.51.100.1' };
    const answers = await Promise.all([here, there].map((place) => check.check('ada', right, place)));
    expect(answers.every((user) => user?.username === 'ada')).toBe(true);
    expect(hasher.comparisons).toBe(2);
  });

  it('gives nobody who was disabled while they waited', async () => {
    const admit = () => void users.update('ada', { enabled: false });
    expect(await check.check('ada', right, { ...here, admit })).toBeUndefined();
  });

  it('remembers by a clock that nobody sets', async () => {
    const plain = new PasswordCheck(users, hasher);
    const wall = jest.spyOn(clock, 'wall').mockReturnValue(0);
    try {
      await plain.check('ada', right, here);
      wall.mockReturnValue(86_400_000);
      await plain.check('ada', right, here);
    } finally {
      wall.mockRestore();
    }
    expect(hasher.comparisons).toBe(1);
  });

  it('forgets when the password changes, the account is disabled or goes', async () => {
    await users.create({ username: 'root', password: right, role: 'admin' });
    await check.check('ada', right, here);
    await users.setPassword('ada', 'five green bottles', { mustChange: false });
    expect(await check.check('ada', right, here)).toBeUndefined();
    expect(await check.check('ada', 'five green bottles', here)).toBeDefined();
    await users.update('ada', { enabled: false });
    expect(await check.check('ada', 'five green bottles', here)).toBeUndefined();
    await users.update('ada', { enabled: true });
    expect(await check.check('ada', 'five green bottles', here)).toBeDefined();
    await users.remove('ada');
    expect(await check.check('ada', 'five green bottles', here)).toBeUndefined();
  });

  it('reads all of a password: beyond 72 bytes, beyond a NUL, many bytes a character', async () => {
    const long = `${'0123456789'.repeat(7)}ab the end`;
    const chinese = '山高月小水落石出'.repeat(8);
    await users.create({ username: 'long', password: long, role: 'user' });
    await users.create({ username: 'nul', password: 'abc\0defghi', role: 'user' });
    await users.create({ username: 'chinese', password: chinese, role: 'user' });
    const accepts = async (username: string, password: string) =>
      (await check.check(username, password, here)) !== undefined;
    expect([await accepts('long', long), await accepts('long', long.slice(0, 72))]).toEqual([true, false]);
    expect([
      await accepts('nul', 'abc\0defghi'),
      await accepts('nul', 'abc'),
      await accepts('nul', 'abc\0xxxxxx'),
    ]).toEqual([true, false, false]);
    expect([await accepts('chinese', chinese), await accepts('chinese', chinese.slice(0, -1))]).toEqual([true, false]);
  });

  it('does not hash what cannot be a password', async () => {
    expect(await check.check('ada', 'x'.repeat(1025), here)).toBeUndefined();
    expect(hasher.comparisons).toBe(0);
  });
});
