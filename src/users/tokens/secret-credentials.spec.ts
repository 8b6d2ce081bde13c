import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import type { SecretReference } from './secret-credentials.js';

const address = '192.0.2.7';
const minute = 60_000;

let world: TemporaryAccounts;

beforeEach(async () => {
  world = await temporaryAccounts();
});
afterEach(() => world.remove());

const ownerOf = async (secret: string, name?: string) => {
  const owner = await world.credentials.check(secret, { name, address });
  return owner && (owner.kind === 'robot' ? owner.robot.name : `${owner.token.name} of ${owner.user.username}`);
};
const newRobot = (expiresAt: Date | null = null) => world.robots.create({ namespace: 'team', name: 'ci', expiresAt });
const newToken = (expiresAt: Date | null = null) => world.tokens.create(world.ada.id, { name: 'laptop', expiresAt });

describe('the owner of a secret', () => {
  it('is found with its name and without', async () => {
    const robot = await newRobot();
    const token = await newToken();
    expect(await ownerOf(robot.secret)).toBe('team+ci');
    expect(await ownerOf(robot.secret, 'team+ci')).toBe('team+ci');
    expect(await ownerOf(token.secret)).toBe('laptop of ada');
    expect(await ownerOf(token.secret, 'ada')).toBe('laptop of ada');
  });

  it('is not found under the name of somebody else', async () => {
    await world.user('bob');
    expect(await ownerOf((await newRobot()).secret, 'team+other')).toBeUndefined();
    expect(await ownerOf((await newToken()).secret, 'bob')).toBeUndefined();
  });

  it('is answered at once the second time', async () => {
    const { secret } = await newToken();
    const { secret: other } = await newRobot();
    await ownerOf(secret);
    await ownerOf(other);
    for (const known of [secret, other])
      expect(world.credentials.check(known, { address })).not.toBeInstanceOf(Promise);
  });

  it('is nobody for a password, a mistyped secret, a refresh token, and what is kept of a secret', async () => {
    const { secret, token } = await newToken();
    const { secret: refresh } = await world.refreshTokens.issue(world.ada, { service: 's', clientId: 'c', address });
    const mistyped = secret.slice(0, -1) + (secret.endsWith('a') ? 'b' : 'a');
    for (const text of ['', 'four green bottles', mistyped, secret.toUpperCase(), ` ${secret}`, refresh, token.hint])
      expect(world.credentials.check(text, { address })).toBeUndefined();
  });
});

describe('a secret is refused at once', () => {
  const refusedAfter = async (change: () => unknown, secret: string, reference: SecretReference) => {
    expect(await ownerOf(secret)).toBeDefined();
    expect(await world.credentials.stillGood(reference)).toBeDefined();
    await change();
    expect([await ownerOf(secret), await world.credentials.stillGood(reference)]).toEqual([undefined, undefined]);
  };

  it.each<[string, (name: string, secretId: number) => unknown]>([
    ['is disabled', (name) => world.robots.update(name, { enabled: false })],
    ['is removed', (name) => world.robots.remove(name)],
    ['loses this secret', (name, secretId) => world.robots.removeSecret(name, secretId)],
    ['expires', () => world.pass(minute)],
  ])('when its robot %s', async (_how, change) => {
    const { robot, secret } = await newRobot(world.at(minute));
    const secretId = robot.secrets[0]?.id ?? 0;
    await refusedAfter(() => change(robot.name, secretId), secret, { kind: 'robot', robotId: robot.id, secretId });
  });

  it('when it has expired itself', async () => {
    const { robot } = await newRobot();
    const { id, secret } = await world.robots.addSecret(robot.name, { expiresAt: world.at(minute) });
    await refusedAfter(() => world.pass(minute), secret, { kind: 'robot', robotId: robot.id, secretId: id });
  });

  it.each<[string, (id: number) => unknown]>([
    ['token is removed', (id) => world.tokens.remove(id)],
    ['token expires', () => world.pass(minute)],
    ['owner is disabled', () => world.users.update('ada', { enabled: false })],
    ['owner is removed', () => world.users.remove('ada')],
  ])('when its %s', async (_how, change) => {
    const { token, secret } = await newToken(world.at(minute));
    await refusedAfter(() => change(token.id), secret, { kind: 'token', tokenId: token.id });
  });

  it('when its token gets another one, which is good', async () => {
    const first = await newToken();
    expect(await ownerOf(first.secret)).toBe('laptop of ada');
    const second = await world.tokens.rotate(first.token.id);
    expect([await ownerOf(first.secret), await ownerOf(second.secret)]).toEqual([undefined, 'laptop of ada']);
    expect(second.token.credentialVersion).toBe(first.token.credentialVersion + 1);
  });
});

describe('a personal token', () => {
  it('outlives a change of the password, and a time in which its owner was disabled', async () => {
    const { secret } = await newToken();
    await world.users.setPassword('ada', 'five green bottles', { mustChange: false });
    expect(await ownerOf(secret)).toBe('laptop of ada');
    await world.users.update('ada', { enabled: false });
    await world.users.update('ada', { enabled: true });
    expect(await ownerOf(secret)).toBe('laptop of ada');
  });
});

describe('the last use', () => {
  it('is written with the address, once a minute at most', async () => {
    const { secret, token } = await newToken();
    const { secret: other, robot } = await newRobot();
    const used = async () => {
      await world.tokens.onModuleDestroy();
      await world.robots.onModuleDestroy();
      const found = await world.robots.find(robot.name);
      return [await world.tokens.findById(token.id), found?.secrets[0]].map((one) => one?.lastUsedAt?.getTime());
    };
    const use = async () => {
      await ownerOf(secret);
      await ownerOf(other);
      return used();
    };
    expect(await used()).toEqual([undefined, undefined]);
    const first = world.at(0).getTime();
    expect(await use()).toEqual([first, first]);
    world.pass(minute - 1);
    expect(await use()).toEqual([first, first]);
    world.pass(1);
    expect(await use()).toEqual([first + minute, first + minute]);
    expect(await world.tokens.findById(token.id)).toMatchObject({ lastUsedAddress: address });
  });

  it('is not one when the name was wrong', async () => {
    const { secret, token } = await newToken();
    await ownerOf(secret, 'bob');
    await world.tokens.onModuleDestroy();
    expect(await world.tokens.findById(token.id)).toMatchObject({ lastUsedAt: null });
  });
});
