import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { actions } from '../access/action.js';
import { parsePattern } from '../access/pattern.js';
import { anonymous, type Principal } from '../access/principal.js';
import { parseRepositoryName } from '../oci/repository-name.js';

let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

const may = async (who: Principal, name: string) => [
  ...(await world.permissions.allowedActions(who, parseRepositoryName(name))),
];

describe('what somebody may do', () => {
  it('comes from the role, the visibility and the grants that cover the name', async () => {
    await world.repository('team/app', 'internal');
    await world.repository('open/app', 'public');
    await world.grant('team/sub/*', 'push');
    await world.grant('team/app', 'delete');
    expect(await may(world.admin, 'no/such')).toEqual(actions);
    expect(await may(anonymous, 'open/app')).toEqual(['pull']);
    expect(await may(anonymous, 'team/app')).toEqual([]);
    expect(await may(world.ada, 'open/app')).toEqual(['pull']);
    expect(await may(world.ada, 'team/app')).toEqual(['pull', 'delete']);
    expect(await may(world.ada, 'team/sub/new')).toEqual(['pull', 'push']);
    expect(await may(world.ada, 'team/sub/deep/new')).toEqual(['pull', 'push']);
    expect(await may(world.ada, 'team/subway')).toEqual([]);
    expect(await may(world.ada, 'team/sub')).toEqual([]);
  });

  it('is answered at once the second time to whoever may pull', async () => {
    const { name } = await world.repository('team/app');
    await world.grant('team/*', 'pull');
    await world.permissions.allowedActions(world.ada, name);
    expect(world.permissions.allowedActions(world.ada, name)).toEqual(new Set(['pull']));
  });

  it('asks the database each time for what may not be seen, whether it is there or not', async () => {
    const { name: hidden } = await world.repository('hidden/app');
    const missing = parseRepositoryName('hidden/none');
    for (const name of [hidden, missing]) {
      await world.permissions.allowedActions(world.ada, name);
      await world.repositories.find(name); // others use it
      expect(world.permissions.allowedActions(world.ada, name)).toBeInstanceOf(Promise);
    }
  });

  it('changes with the next question after a world.grant, the visibility or the account changed', async () => {
    const { name } = await world.repository('team/app');
    const answers: unknown[] = [await may(world.ada, name)];
    const { id } = await world.grant('team/*', 'push');
    answers.push(await may(world.ada, name));
    await world.grant('team/*', 'pull');
    answers.push(await may(world.ada, name));
    await world.grants.remove(id);
    answers.push(await may(world.ada, name));
    await world.repositories.update(name, { visibility: 'internal' });
    answers.push(await may(world.ada, name));
    await world.repositories.remove(name);
    answers.push(await may(world.ada, name));
    expect(answers).toEqual([[], ['pull', 'push'], ['pull'], [], ['pull'], []]);
  });

  it('goes with the account', async () => {
    await world.grant('*', 'push');
    expect(await may(world.ada, 'team/app')).toEqual(['pull', 'push']);
    await world.users.remove('ada');
    expect(await may(world.ada, 'team/app')).toEqual([]);
  });

  it('is explained by every rule that allows it', async () => {
    const { name } = await world.repository('team/app', 'internal');
    const { id } = await world.grant('team/*', 'manage');
    const explained = await world.permissions.explain(world.ada, name);
    const missing = { need: 'grant', action: 'push', patterns: ['team/app', 'team/*', '*'] };
    expect(explained.push).toEqual({ allowed: false, reasons: [], missing });
    expect(explained.pull.reasons).toEqual([
      { rule: 'visibility', visibility: 'internal' },
      { rule: 'grant', grant: id, pattern: 'team/*', action: 'manage' },
    ]);
  });
});

describe('managing a pattern', () => {
  it.each([
    ['team/app', 'team/app', true],
    ['team/*', 'team/app', true],
    ['team/*', 'team/*', true],
    ['team/*', 'team/sub/*', true],
    ['*', 'team/*', true],
    ['*', '*', true],
    ['team/app', 'team/*', false],
    ['team/sub/*', 'team/*', false],
    ['team/*', '*', false],
    ['team/*', 'teams/app', false],
  ])('who manages %s manages %s: %s', async (granted, asked, expected) => {
    await world.grant(granted, 'manage');
    expect(await world.permissions.managing({ principal: world.ada }).manages(parsePattern(asked))).toBe(expected);
  });

  it('takes manage, or an administrator', async () => {
    await world.grant('*', 'push', 'delete', 'pull');
    expect(await world.permissions.managing({ principal: world.ada }).manages(parsePattern('team/app'))).toBe(false);
    expect(await world.permissions.managing({ principal: world.admin }).manages(parsePattern('*'))).toBe(true);
    expect(await world.permissions.managing({ principal: anonymous }).manages(parsePattern('team/app'))).toBe(false);
  });
});

describe('countMatching', () => {
  it('counts what a pattern covers', async () => {
    for (const name of ['team/app', 'team/sub/app', 'team', 'teams/app']) await world.repository(name);
    const count = (pattern: string) => world.permissions.countMatching(parsePattern(pattern));
    expect([await count('team/*'), await count('*'), await count('team/app'), await count('no/such')]).toEqual([
      2, 4, 1, 0,
    ]);
  });
});
