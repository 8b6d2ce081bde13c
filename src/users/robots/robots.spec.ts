import { outcomeOf } from '../../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import { secretKind } from '../tokens/secret.js';
import { robotPrincipal } from './robot.js';
import { RobotSecretEntity } from './robot-secret.entity.js';

const minute = 60_000;

let world: TemporaryAccounts;

beforeEach(async () => {
  world = await temporaryAccounts();
});
afterEach(() => world.remove());

const create = (namespace: string, name: string) => world.robots.create({ namespace, name });
const owner = (secret: string) => world.credentials.check(secret, { address: '' });

describe('Robots', () => {
  it('are named by their namespace and get a secret that is told once', async () => {
    const { robot, secret } = await world.robots.create({
      namespace: 'team/sub',
      name: 'ci',
      description: 'The builds',
      expiresAt: world.at(minute),
    });
    expect(robot).toMatchObject({
      ...{ namespace: 'team/sub', name: 'team/sub+ci', description: 'The builds', enabled: true },
      ...{ createdAt: world.at(0), expiresAt: world.at(minute), credentialVersion: 1 },
      secrets: [{ hint: secret.slice(-4), createdAt: world.at(0), lastUsedAt: null, expiresAt: null }],
    });
    expect(secretKind(secret)).toBe('robot');
    expect(await world.robots.find('team/sub+ci')).toEqual(robot);
    expect(await world.robots.findById(robot.id)).toEqual(robot);
    expect(robotPrincipal(robot)).toEqual({ kind: 'robot', id: robot.id, name: 'team/sub+ci' });
  });

  it('keep no secret', async () => {
    const { robot, secret } = await create('team', 'ci');
    const rows = JSON.stringify([robot, await world.database.read.find(RobotSecretEntity)]);
    expect(rows).not.toContain(secret);
    expect(JSON.stringify(robot)).not.toMatch(/[0-9a-f]{64}/);
  });

  it.each([
    ['team', ''],
    ['team', 'CI'],
    ['team', 'c i'],
    ['team', 'a+b'],
    ['team', 'a/b'],
    ['team', 'a:b'],
    ['team', 'сi'], // Cyrillic
    ['team', 'ｃi'], // full width
    ['team', 'a'.repeat(65)],
    ['', 'ci'],
    ['Team', 'ci'],
    ['team/', 'ci'],
    ['team/*', 'ci'],
    ['*', 'ci'],
    ['../team', 'ci'],
    ['a'.repeat(129), 'ci'],
  ])('refuse the name %j+%j', async (namespace, name) => {
    expect(await outcomeOf(create(namespace, name))).toBe('VALIDATION_FAILED');
  });

  it('are one of a name, and do not begin or go on in the past', async () => {
    await create('team', 'ci');
    const past = world.at(0);
    expect(await outcomeOf(create('team', 'ci'))).toBe('CONFLICT');
    const outcomes = [
      await outcomeOf(world.robots.create({ namespace: 'team', name: 'old', expiresAt: past })),
      await outcomeOf(world.robots.update('team+ci', { expiresAt: past })),
      await outcomeOf(world.robots.addSecret('team+ci', { expiresAt: past })),
    ];
    expect(outcomes).toEqual(Array(3).fill('VALIDATION_FAILED'));
  });

  it('page by name, in one namespace or all, and are searched', async () => {
    for (const [namespace, name] of [
      ['team', 'ci'],
      ['team', 'cd'],
      ['team/sub', 'ci'],
      ['other', 'c_'],
    ] as const)
      await create(namespace, name);
    const names = async (filter: Partial<Parameters<typeof world.robots.list>[0]>) =>
      (await world.robots.list({ limit: 9, ...filter })).items.map(({ name, secrets }) => `${name} ${secrets.length}`);
    expect(await names({})).toEqual(['other+c_ 1', 'team+cd 1', 'team+ci 1', 'team/sub+ci 1']);
    expect(await names({ namespace: 'team' })).toEqual(['team+cd 1', 'team+ci 1']);
    expect(await names({ cursor: 'team+cd', limit: 1 })).toEqual(['team+ci 1']);
    expect(await names({ q: 'C_' })).toEqual(['other+c_ 1']);
  });

  it('are changed and removed', async () => {
    const { robot } = await create('team', 'ci');
    world.pass(1000);
    const changed = await world.robots.update('team+ci', { description: 'x', expiresAt: world.at(minute) });
    expect(changed).toEqual({ ...robot, description: 'x', expiresAt: world.at(minute), updatedAt: world.at(0) });
    expect(await world.robots.update('team+ci', { expiresAt: null })).toMatchObject({ expiresAt: null });
    await world.robots.remove('team+ci');
    expect(await world.robots.find('team+ci')).toBeUndefined();
    expect(await world.robots.findById(robot.id)).toBeUndefined();
    expect(await world.database.read.count(RobotSecretEntity)).toBe(0);
    expect(await outcomeOf(world.robots.remove('team+ci'))).toBe('NOT_FOUND');
    expect(await outcomeOf(world.robots.update('team+ci', {}))).toBe('NOT_FOUND');
  });

  it('answer findById at once when known, and anew after a change', async () => {
    const { robot } = await create('team', 'ci');
    await world.robots.findById(robot.id);
    expect(world.robots.findById(robot.id)).toMatchObject({ enabled: true });
    await world.robots.update('team+ci', { enabled: false });
    expect(await world.robots.findById(robot.id)).toMatchObject({ enabled: false });
  });

  it('are void under the old version once they have been disabled', async () => {
    await create('team', 'ci');
    const versions: number[] = [];
    for (const enabled of [true, false, false, true])
      versions.push((await world.robots.update('team+ci', { enabled })).credentialVersion);
    expect(versions).toEqual([1, 2, 2, 2]);
  });
});

describe('two secrets', () => {
  it('are both good, and a third is refused until one goes', async () => {
    const { robot, secret: first } = await create('team', 'ci');
    const second = await world.robots.addSecret('team+ci');
    expect([await owner(first), await owner(second.secret)]).toMatchObject([{ kind: 'robot' }, { kind: 'robot' }]);
    expect(await outcomeOf(world.robots.addSecret('team+ci'))).toBe('CONFLICT');
    await world.robots.removeSecret('team+ci', robot.secrets[0]?.id ?? 0);
    expect([await owner(first), await owner(second.secret)]).toMatchObject([undefined, { secretId: second.id }]);
    const third = await world.robots.addSecret('team+ci');
    expect((await world.robots.find('team+ci'))?.secrets.map(({ id }) => id)).toEqual([second.id, third.id]);
  });

  it('are no more than two when four are asked for at once', async () => {
    await create('team', 'ci');
    const four = await Promise.all([1, 2, 3, 4].map(() => outcomeOf(world.robots.addSecret('team+ci'))));
    expect(four.sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'done']);
  });

  it('make room when one has expired', async () => {
    await create('team', 'ci');
    await world.robots.addSecret('team+ci', { expiresAt: world.at(minute) });
    world.pass(minute);
    const third = await world.robots.addSecret('team+ci');
    expect((await world.robots.find('team+ci'))?.secrets.map(({ id }) => id)).toEqual([expect.any(Number), third.id]);
  });

  it('belong to one robot', async () => {
    const { robot } = await create('team', 'ci');
    await create('other', 'ci');
    const [secret] = robot.secrets;
    expect(await outcomeOf(world.robots.removeSecret('other+ci', secret?.id ?? 0))).toBe('NOT_FOUND');
    expect(await outcomeOf(world.robots.addSecret('no+robot'))).toBe('NOT_FOUND');
  });
});
