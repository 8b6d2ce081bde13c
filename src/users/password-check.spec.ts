import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { userEntities } from './entities.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher } from './password-hasher.js';
import { Users } from './users.js';

/** The real one, counting. */
class CountingHasher extends PasswordHasher {
  comparisons = 0;
  override verify(password: string, hash: string): Promise<boolean> {
    this.comparisons++;
    return super.verify(password, hash);
  }
}

const hasher = new CountingHasher(new URL('../../dist/src/users/hash-worker.js', import.meta.url));
const right = 'four green bottles';
let now = 0;
let temporary: TemporaryDatabase;
let users: Users;
let check: PasswordCheck;

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: userEntities });
  users = new Users(temporary.database, hasher);
  check = new PasswordCheck(users, hasher, () => now);
  now = 0;
  await users.create({ username: 'ada', password: right, role: 'user' });
  hasher.comparisons = 0;
});
afterEach(() => temporary.remove());
afterAll(() => hasher.onModuleDestroy());

describe('PasswordCheck', () => {
  it('gives the user for the right password', async () => {
    expect(await check.check('ada', right)).toMatchObject({ username: 'ada' });
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
      work.push([await check.check(username, password), hasher.comparisons]);
    }
    expect(work).toEqual(Array(5).fill([undefined, 1]));
  });

  it('remembers a success for a minute, and no failure', async () => {
    for (let i = 0; i < 3; i++) await check.check('ada', right);
    expect(hasher.comparisons).toBe(1);
    now = 59_999;
    await check.check('ada', right);
    expect(hasher.comparisons).toBe(1);
    now = 60_000;
    await check.check('ada', right);
    expect(hasher.comparisons).toBe(2);
    for (let i = 0; i < 2; i++) await check.check('ada', 'wrong one');
    expect(hasher.comparisons).toBe(4);
  });

  it('compares once for many that ask the same at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => check.check('ada', right)));
    expect(answers.every((user) => user?.username === 'ada')).toBe(true);
    expect(hasher.comparisons).toBe(1);
  });

  it('forgets when the password changes, the account is disabled or goes', async () => {
    await users.create({ username: 'root', password: right, role: 'admin' });
    await check.check('ada', right);
    await users.setPassword('ada', 'five green bottles', { mustChange: false });
    expect(await check.check('ada', right)).toBeUndefined();
    expect(await check.check('ada', 'five green bottles')).toBeDefined();
    await users.update('ada', { enabled: false });
    expect(await check.check('ada', 'five green bottles')).toBeUndefined();
    await users.update('ada', { enabled: true });
    expect(await check.check('ada', 'five green bottles')).toBeDefined();
    await users.remove('ada');
    expect(await check.check('ada', 'five green bottles')).toBeUndefined();
  });

  it('reads all of a password: beyond 72 bytes, beyond a NUL, many bytes a character', async () => {
    const long = `${'0123456789'.repeat(7)}ab the end`;
    const chinese = '山高月小水落石出'.repeat(8);
    await users.create({ username: 'long', password: long, role: 'user' });
    await users.create({ username: 'nul', password: 'abc\0defghi', role: 'user' });
    await users.create({ username: 'chinese', password: chinese, role: 'user' });
    const accepts = async (username: string, password: string) => (await check.check(username, password)) !== undefined;
    expect([await accepts('long', long), await accepts('long', long.slice(0, 72))]).toEqual([true, false]);
    expect([
      await accepts('nul', 'abc\0defghi'),
      await accepts('nul', 'abc'),
      await accepts('nul', 'abc\0xxxxxx'),
    ]).toEqual([true, false, false]);
    expect([await accepts('chinese', chinese), await accepts('chinese', chinese.slice(0, -1))]).toEqual([true, false]);
  });

  it('does not hash what cannot be a password', async () => {
    expect(await check.check('ada', 'x'.repeat(1025))).toBeUndefined();
    expect(hasher.comparisons).toBe(0);
  });
});

describe('PasswordHasher', () => {
  it('turns work away when too much waits, and does the rest', async () => {
    const hash = await hasher.hash(right);
    const tasks = Array.from({ length: 262 }, () => hasher.verify(right, `${hash.slice(0, 4)}04${hash.slice(6)}`));
    const ended = await Promise.allSettled(tasks);
    const refused = ended.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(6);
    expect(
      refused.every((one) => one.reason.code === 'TOO_MANY_REQUESTS' && one.reason.headers['Retry-After'] === '1'),
    ).toBe(true);
  });
});
