import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import type { Principal } from '../access/principal.js';

/** Who sees and changes which access token, asked where it has its effect. */
let world: TemporaryPermissions;
beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

const as = (principal: Principal, token?: number) => world.management.tokens({ principal, token });
const tomorrow = new Date(Date.now() + 86_400_000);

it('people have their own, an administrator sees and ends those of everybody', async () => {
  const { token } = await as(world.ada).create({ name: 'ci' });
  const other = await world.user('bob');
  expect(await outcomeOf(as(other).get(token.id))).toBe('NOT_FOUND');
  expect(await outcomeOf(as(other).rotate(token.id))).toBe('NOT_FOUND');
  expect(await outcomeOf(as(other).remove(token.id))).toBe('NOT_FOUND');
  expect(await outcomeOf(as(other).list({ limit: 9, username: 'ada' }))).toBe('DENIED');
  expect((await as(other).list({ limit: 9 })).items).toEqual([]);
  expect(await outcomeOf(as(world.admin).list({ limit: 9, username: 'nobody' }))).toBe('NOT_FOUND');
  expect((await as(world.admin).list({ limit: 9 })).items).toEqual([{ token, owner: 'ada' }]);
  expect(await outcomeOf(as(world.admin).rotate(token.id))).toBe('DENIED');
  expect(await outcomeOf(as(world.admin).remove(token.id))).toBe('done');
  expect((await as(world.ada).list({ limit: 9 })).items).toEqual([]);
});

it('a robot has none', async () => {
  const robot = await world.robot('team', 'ci');
  expect(await outcomeOf(as(robot).list({ limit: 9 }))).toBe('DENIED');
  expect(await outcomeOf(as(robot).create({ name: 'ci' }))).toBe('DENIED');
});

it('nobody gets a secret that is good for longer than the token they ask with', async () => {
  const { token: short } = await as(world.ada).create({ name: 'short', expiresAt: tomorrow });
  const { token: long } = await as(world.ada).create({ name: 'long' });
  const byShort = as(world.ada, short.id);
  expect(await outcomeOf(byShort.create({ name: 'new' }))).toBe('VALIDATION_FAILED');
  expect(await outcomeOf(byShort.create({ name: 'new', expiresAt: tomorrow }))).toBe('done');
  expect(await outcomeOf(byShort.rotate(long.id))).toBe('DENIED');
  expect(await outcomeOf(byShort.rotate(short.id))).toBe('done');
});

it('who is no administrator any more when their turn comes ends nothing of others', async () => {
  const { token } = await as(world.ada).create({ name: 'ci' });
  await world.user('boss', 'admin');
  let release: () => void = () => undefined;
  const held = world.database.write(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const demoted = world.users.update('root', { role: 'user' });
  const removed = outcomeOf(as(world.admin).remove(token.id));
  await new Promise(setImmediate);
  release();
  await Promise.all([held, demoted]);
  expect(await removed).toBe('NOT_FOUND');
  expect(await as(world.ada).get(token.id)).toEqual({ token, owner: 'ada' });
});
