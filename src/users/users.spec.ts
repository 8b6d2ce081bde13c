import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { Changes } from '../changes/changes.js';
import { StartupError } from '../data-directory/startup-error.js';
import { userEntities } from './entities.js';
import { PasswordHasher } from './password-hasher.js';
import { Sessions } from './sessions.js';
import { Users } from './users.js';

const hasher = new PasswordHasher(new URL('../../dist/src/users/hash-worker.js', import.meta.url));
const password = 'four green bottles';
const client = { address: '192.0.2.7', userAgent: 'a browser', remember: false };

let temporary: TemporaryDatabase;
let changes: Changes;
let users: Users;
let sessions: Sessions;

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: userEntities });
  changes = new Changes(temporary.database);
  users = new Users(temporary.database, changes, hasher);
  sessions = new Sessions(temporary.database, changes, { idleMs: 1000, lifeMs: 5000 });
});
afterEach(() => temporary.remove());
afterAll(() => hasher.onModuleDestroy());

const create = async (username: string, role: 'admin' | 'user' = 'user') =>
  (await users.create({ username, password, role })).user;

describe('Users', () => {
  it('creates an account and tells a generated password once, which then has to be changed', async () => {
    const { user, initialPassword } = await users.create({ username: 'ada', role: 'user', fullName: 'Ada L.' });
    expect(user).toMatchObject({
      username: 'ada',
      fullName: 'Ada L.',
      email: null,
      enabled: true,
      mustChangePassword: true,
      credentialVersion: 1,
    });
    expect(initialPassword).toMatch(/^[A-Za-z0-9]{24}$/);
    const stored = await users.findCredentials('ada');
    expect(
      await hasher.verify(initialPassword ?? '', stored?.passwordHash ?? '', { lane: 'signed-in', owner: 'test' }),
    ).toBe(true);
    expect(await users.find('ada')).toEqual(user);
    expect(user).not.toHaveProperty('passwordHash');
  });

  it.each([
    [{ username: 'Ada', password }, 'VALIDATION_FAILED'],
    [{ username: 'a:b', password }, 'VALIDATION_FAILED'],
    [{ username: 'a+b', password }, 'VALIDATION_FAILED'],
    [{ username: 'аda', password }, 'VALIDATION_FAILED'], // a Cyrillic letter that looks like an a
    [{ username: 'ａda', password }, 'VALIDATION_FAILED'], // full width
    [{ username: 'ada\u200b', password }, 'VALIDATION_FAILED'],
    [{ username: 'ada\n', password }, 'VALIDATION_FAILED'],
    [{ username: 'a'.repeat(65), password }, 'VALIDATION_FAILED'],
    [{ username: 'anonymous', password }, 'VALIDATION_FAILED'],
    [{ username: 'system', password }, 'VALIDATION_FAILED'],
    [{ username: 'ada', password: 'short' }, 'PASSWORD_REJECTED'],
    [{ username: 'taken', password }, 'USERNAME_TAKEN'],
  ])('refuses %j with %s', async (input, code) => {
    await create('taken');
    expect(await outcomeOf(users.create({ ...input, role: 'user' }))).toBe(code);
    expect(await users.count()).toBe(1);
  });

  it.each(['Ada Lovelace', '李清照', 'نیمه‌فاصله', 'José', '👩‍💻', ''])('takes the full name %j', async (fullName) => {
    expect((await users.create({ username: 'ada', password, role: 'user', fullName })).user).toMatchObject({
      fullName,
    });
  });

  it.each(['a\u202eadmin', 'Ada\nadmin', 'Ada\u0000', 'Ada\u2028', 'A\u200bda', '\ud800', '\u001b[31mAda'])(
    'refuses the full name %j',
    async (fullName) => {
      await create('ada');
      expect(await outcomeOf(users.update('ada', { fullName }))).toBe('VALIDATION_FAILED');
      expect(await outcomeOf(users.create({ username: 'bob', password, role: 'user', fullName }))).toBe(
        'VALIDATION_FAILED',
      );
    },
  );

  it('answers findById at once when it knows the account, and anew after a change', async () => {
    const { id } = await create('ada');
    await users.findById(id);
    expect(users.findById(id)).toMatchObject({ username: 'ada', role: 'user' });
    await users.update('ada', { role: 'admin' });
    expect(await users.findById(id)).toMatchObject({ role: 'admin' });
    await create('other', 'admin');
    await users.remove('ada');
    expect(await users.findById(id)).toBeUndefined();
  });

  it('pages by name and searches without wildcards of its own', async () => {
    for (const username of ['eve', 'ada', 'bob', 'b_b']) await create(username);
    const first = await users.list({ limit: 2 });
    expect([first.items.map((user) => user.username), first.nextCursor]).toEqual([['ada', 'b_b'], 'b_b']);
    const second = await users.list({ limit: 2, cursor: first.nextCursor });
    expect([second.items.map((user) => user.username), second.nextCursor]).toEqual([['bob', 'eve'], undefined]);
    expect((await users.list({ limit: 9, q: 'b_b' })).items.map((user) => user.username)).toEqual(['b_b']);
  });

  it('ends sessions and voids credentials when the password changes or the account is disabled, and not otherwise', async () => {
    const user = await create('ada');
    const changes: (() => Promise<{ credentialVersion: number }>)[] = [
      () => users.update('ada', { email: 'ada@example.org' }),
      () => users.setPassword('ada', 'five green bottles', { mustChange: false }),
      () => users.update('ada', { enabled: false }),
      () => users.update('ada', { enabled: true }),
    ];
    const seen: [number, boolean][] = [];
    for (const change of changes) {
      const now = (await users.find('ada')) ?? user;
      const session = now.enabled ? await sessions.open(now, client) : undefined;
      if (session) await sessions.find(session.id);
      const { credentialVersion } = await change();
      seen.push([credentialVersion, session !== undefined && (await sessions.find(session.id)) !== undefined]);
    }
    expect(seen).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [3, false],
    ]);
  });

  it('announces who changed', async () => {
    const announced: number[] = [];
    changes.onCommitted(['user.update', 'user.delete'], (some) => {
      for (const change of some) if (change.id !== null) announced.push(change.id);
    });
    const { id } = await create('ada');
    await users.update('ada', { fullName: 'Ada' });
    expect(await outcomeOf(users.update('nobody', { fullName: 'Ada' }))).toBe('NOT_FOUND');
    await users.remove('ada');
    expect(announced).toEqual([id, id]);
  });
});

describe('the last administrator', () => {
  it('can be neither removed, disabled nor demoted, even by two at once', async () => {
    await create('ada', 'admin');
    await create('bob', 'admin');
    await create('eve');
    const both = await Promise.all([outcomeOf(users.update('ada', { role: 'user' })), outcomeOf(users.remove('bob'))]);
    expect(both.sort()).toEqual(['LAST_ADMIN', 'done']);
    expect(await outcomeOf(users.update('bob', { enabled: false }))).toBe('LAST_ADMIN');
    await users.update('eve', { role: 'admin' });
    expect(await outcomeOf(users.remove('bob'))).toBe('done');
    expect(await outcomeOf(users.remove('eve'))).toBe('LAST_ADMIN');
  });

  it('is not somebody who is disabled', async () => {
    await create('ada', 'admin');
    await create('bob', 'admin');
    await users.update('bob', { enabled: false });
    expect(await outcomeOf(users.remove('ada'))).toBe('LAST_ADMIN');
    expect(await outcomeOf(users.remove('bob'))).toBe('done');
  });
});

describe('the first administrator', () => {
  it('gets a generated password that must be changed, once', async () => {
    const first = await users.createFirstAdmin({ username: 'admin' });
    expect(first?.generatedPassword?.length).toBeGreaterThanOrEqual(20);
    expect(await users.find('admin')).toMatchObject({ role: 'admin', mustChangePassword: true });
    expect(await users.createFirstAdmin({ username: 'other', password })).toBeUndefined();
    expect(await users.createFirstAdmin({ username: 'admin', password })).toBeUndefined();
    expect(await users.count()).toBe(1);
  });

  it('keeps a password the operator chose', async () => {
    expect(await users.createFirstAdmin({ username: 'admin', password })).toEqual({ username: 'admin' });
    expect(await users.find('admin')).toMatchObject({ mustChangePassword: false });
  });

  it.each(['admin', 'admin123', 'password', 'Passw0rd!', 'Harbor12345', 'changeme', '12345678'])(
    'refuses %s',
    async (weak) => {
      const refusal = await users
        .createFirstAdmin({ username: 'admin', password: weak })
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(StartupError);
      expect(String(refusal)).toContain('BERTH_ADMIN_PASSWORD');
      expect(await users.count()).toBe(0);
    },
  );
});
