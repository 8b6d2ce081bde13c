import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { exactPattern, parsePattern } from '../access/pattern.js';
import type { Principal } from '../access/principal.js';
import { parseRepositoryName } from '../oci/repository-name.js';

/** A right is asked for again where it has its effect: behind every change that was committed since the request came in. */
let world: TemporaryPermissions;
const app = parseRepositoryName('team/app');
const elsewhere = parseRepositoryName('other/app');
const settings = { visibility: 'public' } as const;

beforeEach(async () => {
  world = await temporaryPermissions();
  await world.repository(app);
});
afterEach(() => world.remove());

/** Makes both wait for the one writer, the first before the second, which has been looked at by then. */
async function oneBehindTheOther(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<string> {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = world.database.write(() => gate);
  const before = first();
  const outcome = outcomeOf(second());
  await new Promise(setImmediate);
  release();
  await Promise.all([held, before]);
  return await outcome;
}

const as = (principal: Principal) => ({
  grants: world.management.grants({ principal }),
  repositories: world.management.repositories({ principal }),
  robots: world.management.robots({ principal }),
});
const give = (pattern: string) => ({
  subject: { type: 'user', name: 'ada' } as const,
  pattern: parsePattern(pattern),
  actions: ['pull'] as const,
});

describe('a right that ends while its use waits', () => {
  it('gives, changes and takes back no grant', async () => {
    const { id } = await world.grant('team/*', 'manage');
    const { id: other } = await world.give('user', 'root', 'team/app', 'pull');
    const revoke = () => world.grants.remove(id);
    const ada = as(world.ada).grants;
    expect(await oneBehindTheOther(revoke, () => ada.put(give('team/x')))).toBe('DENIED');
    await world.grant('team/*', 'manage');
    const [again] = (await world.grants.list({ limit: 1, pattern: parsePattern('team/*') })).items;
    const revokeAgain = () => world.grants.remove(again?.id ?? 0);
    expect(await oneBehindTheOther(revokeAgain, () => ada.change(other, ['push']))).toBe('NOT_FOUND');
    expect((await world.grants.find(other))?.actions).toEqual(['pull']);
  });

  it('opens, renames and removes no repository', async () => {
    for (const use of [
      () => as(world.ada).repositories.update(app, settings),
      () => as(world.ada).repositories.rename(app, elsewhere, {}),
      () => as(world.ada).repositories.remove(app),
      () => as(world.ada).repositories.create({ name: elsewhere, description: '', ...settings }),
    ]) {
      const { id } = await world.grant('*', 'manage');
      expect(await oneBehindTheOther(() => world.grants.remove(id), use)).toBe('DENIED');
    }
    expect(await world.repositories.find(app)).toMatchObject({ visibility: 'private' });
    expect(await world.repositories.find(elsewhere)).toBeUndefined();
  });

  it('makes and changes no robot', async () => {
    await world.robot('team', 'ci');
    for (const use of [
      () => as(world.ada).robots.create({ namespace: 'team', name: 'more' }),
      () => as(world.ada).robots.addSecret('team+ci', {}),
    ]) {
      const { id } = await world.grant('team/*', 'manage');
      const outcome = await oneBehindTheOther(() => world.grants.remove(id), use);
      expect(['DENIED', 'NOT_FOUND']).toContain(outcome);
    }
    expect((await world.robots.find('team+ci'))?.secrets).toHaveLength(1);
  });

  it('is not what an account was when the request came in', async () => {
    const boss = await world.user('boss', 'admin');
    const demote = () => world.users.update('boss', { role: 'user' });
    expect(await oneBehindTheOther(demote, () => as(boss).grants.put(give('*')))).toBe('DENIED');
    const disable = () => world.users.update('ada', { enabled: false });
    await world.grant('team/*', 'manage');
    expect(await oneBehindTheOther(disable, () => as(world.ada).grants.put(give('team/x')))).toBe('DENIED');
  });
});

it('a grant that followed its repository out of what one manages is not there any more', async () => {
  await world.grant('team/*', 'manage');
  const { id } = await world.give('user', 'root', 'team/app', 'pull');
  const rename = () => world.repositories.rename(app, elsewhere);
  expect(await oneBehindTheOther(rename, () => as(world.ada).grants.change(id, ['push']))).toBe('NOT_FOUND');
  expect(await world.grants.find(id)).toMatchObject({ pattern: exactPattern(elsewhere), actions: ['pull'] });
});

it('compares every grant of a robot, however many there are', async () => {
  await world.grant('team/*', 'manage');
  const robot = await world.robot('team', 'ci');
  if (robot.kind !== 'robot') throw new Error('a robot was made');
  const managing = world.permissions.managing({ principal: world.ada });
  for (let n = 0; n < 300; n++) await world.give('robot', 'team+ci', `team/n${n}`, 'pull');
  expect(await managing.managesAllOf(robot)).toBe(true);
  await world.give('robot', 'team+ci', 'z', 'pull');
  expect(await managing.managesAllOf(robot)).toBe(false);
  expect(await world.permissions.managing({ principal: world.admin }).managesAllOf(robot)).toBe(true);
});
