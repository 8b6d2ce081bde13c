import { outcomeOf } from '../../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import { Failure } from '../../errors/failure.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { refreshIdleMs } from './refresh-tokens.js';
import { hashSecret, secretKind } from './secret.js';

const client = { service: 'registry.example', clientId: 'docker', address: '192.0.2.7' };
const day = 24 * 60 * 60 * 1000;

let world: TemporaryAccounts;

beforeEach(async () => {
  world = await temporaryAccounts();
});
afterEach(() => world.remove());

const issue = async () => (await world.refreshTokens.issue(world.ada, client)).secret;
const owner = async (secret: string, service = client.service) =>
  (await world.refreshTokens.check(secret, service))?.user.username;

const listed = async () => (await world.signIns.list(world.ada.id, { limit: 100 })).items;

describe('RefreshTokens', () => {
  it('are good again and again, for their service', async () => {
    const secret = await issue();
    expect(secretKind(secret)).toBe('refresh');
    expect([await owner(secret), await owner(secret)]).toEqual(['ada', 'ada']);
    expect(await owner(secret, 'other.example')).toBeUndefined();
    expect(await listed()).toMatchObject([
      { id: hashSecret(secret), clientId: 'docker', kind: 'refresh-token', address: '192.0.2.7' },
    ]);
    expect(JSON.stringify(await world.database.read.find(RefreshTokenEntity))).not.toContain(secret);
  });

  it('are nothing else: no password, no access token, not what is kept of one', async () => {
    const secret = await issue();
    const token = await world.tokens.create(world.ada.id, { name: 'laptop' });
    for (const text of ['', 'four green bottles', token.secret, hashSecret(secret), `${secret} `])
      expect(await owner(text)).toBeUndefined();
  });

  it('end when they are idle for ninety days, which every use postpones', async () => {
    const secret = await issue();
    for (let used = 0; used < 4; used++) {
      world.pass(80 * day);
      const found = await world.refreshTokens.check(secret, client.service);
      expect(found?.user.username).toBe('ada');
      if (found) world.refreshTokens.noteUse(found.token);
      await world.refreshTokens.onModuleDestroy();
    }
    world.pass(refreshIdleMs - 1);
    expect(await listed()).toHaveLength(1);
    expect(await world.refreshTokens.findById(hashSecret(secret))).toBeDefined();
    world.pass(1);
    expect(await owner(secret)).toBeUndefined();
    expect(await world.refreshTokens.findById(hashSecret(secret))).toBeUndefined();
    expect(await listed()).toEqual([]);
  });

  it('are asked about without being used', async () => {
    const secret = await issue();
    world.pass(refreshIdleMs - 1);
    expect(await owner(secret)).toBe('ada');
    await world.refreshTokens.onModuleDestroy();
    world.pass(1);
    expect(await owner(secret)).toBeUndefined();
  });

  it.each<[string, (id: string) => unknown]>([
    ['it is revoked', (id) => world.refreshTokens.revoke(world.ada.id, id)],
    ['all are revoked', () => world.refreshTokens.revokeAllOf(world.ada.id)],
    ['the password changes', () => world.users.setPassword('ada', 'five green bottles', { mustChange: false })],
    ['the account is disabled', () => world.users.update('ada', { enabled: false })],
    ['the account is removed', () => world.users.remove('ada')],
  ])('end at once, and for good, when %s', async (_what, change) => {
    const secret = await issue();
    const id = hashSecret(secret);
    expect(await owner(secret)).toBe('ada');
    expect(world.refreshTokens.findById(id)).not.toBeInstanceOf(Promise);
    await change(id);
    expect([await owner(secret), await world.refreshTokens.findById(id)]).toEqual([undefined, undefined]);
    if (await world.users.find('ada')) await world.users.update('ada', { enabled: true });
    expect(await owner(secret)).toBeUndefined();
  });

  it('are revoked by their owner only', async () => {
    const bob = await world.user('bob');
    const secret = await issue();
    expect(await world.refreshTokens.revoke(bob.id, hashSecret(secret))).toBe(false);
    expect(await owner(secret)).toBe('ada');
  });

  it('are not issued to an account that changed since its password was checked', async () => {
    await world.users.setPassword('ada', 'five green bottles', { mustChange: false });
    expect(await outcomeOf(issue())).toBe('UNAUTHORIZED');
    expect(await listed()).toEqual([]);
  });

  it('are at most a hundred of one user: the one used longest ago makes room', async () => {
    const secrets: string[] = [];
    for (let i = 0; i <= 100; i++) {
      secrets.push(await issue());
      world.pass(1);
    }
    expect(await listed()).toHaveLength(100);
    expect([await owner(secrets[0] ?? ''), await owner(secrets[1] ?? '')]).toEqual([undefined, 'ada']);
  });

  it('end for one that was issued also when that could not be made durable, and it is written down', async () => {
    const secrets: string[] = [];
    for (let i = 0; i < 100; i++) {
      secrets.push(await issue());
      world.pass(1);
    }
    const first = secrets[0] ?? '';
    expect(await owner(first)).toBe('ada');
    const { write } = world.database;
    world.database.write = async (work) => {
      await write.call(world.database, work);
      throw new Failure('STORAGE_UNAVAILABLE');
    };
    await expect(issue()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(await owner(first)).toBeUndefined();
    expect(
      await world.database.read.query("SELECT actor, resource FROM audit_events WHERE action = 'session.end'"),
    ).toEqual([{ actor: 'user:ada', resource: 'user:ada' }]);
  });

  it('that have expired are swept when another one is issued', async () => {
    await issue();
    world.pass(refreshIdleMs);
    await issue();
    expect(await world.database.read.count(RefreshTokenEntity)).toBe(1);
  });
});
