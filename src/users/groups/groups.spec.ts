import { outcomeOf } from '../../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import { GroupMemberEntity } from './group-member.entity.js';

let world: TemporaryAccounts;

beforeEach(async () => {
  world = await temporaryAccounts();
});
afterEach(() => world.remove());

describe('Groups', () => {
  it('have a name, a description and members', async () => {
    const group = await world.groups.create({ name: 'backend', description: 'Who builds the servers' });
    expect(group).toMatchObject({ name: 'backend', memberCount: 0, createdAt: world.at(0), updatedAt: world.at(0) });
    expect(await world.groups.find('backend')).toEqual(group);
    expect(await world.groups.find('frontend')).toBeUndefined();
    world.pass(1000);
    expect(await world.groups.update('backend', { description: '' })).toEqual({
      ...group,
      description: '',
      updatedAt: world.at(0),
    });
  });

  it.each([
    '',
    'Backend',
    '-backend',
    '.backend',
    'back end',
    'back/end',
    'back+end',
    'a'.repeat(65),
    'bаckend', // a Cyrillic letter that looks like an a
    'ｂackend', // full width
    'backend\u200b',
    'backend\n',
    'everyone',
    'system',
  ])('refuse the name %j', async (name) => {
    expect(await outcomeOf(world.groups.create({ name }))).toBe('VALIDATION_FAILED');
  });

  it('are one of a name', async () => {
    await world.groups.create({ name: 'backend' });
    expect(await outcomeOf(world.groups.create({ name: 'backend' }))).toBe('CONFLICT');
  });

  it('page by name and search without wildcards of their own', async () => {
    for (const name of ['ops', 'dev', 'd_v', 'qa']) await world.groups.create({ name, description: `The ${name}` });
    const first = await world.groups.list({ limit: 2 });
    const second = await world.groups.list({ limit: 2, cursor: first.nextCursor });
    expect([first, second].map(({ items, nextCursor }) => [items.map(({ name }) => name), nextCursor])).toEqual([
      [['d_v', 'dev'], 'dev'],
      [['ops', 'qa'], undefined],
    ]);
    expect((await world.groups.list({ limit: 9, q: 'D_V' })).items.map(({ name }) => name)).toEqual(['d_v']);
    expect((await world.groups.list({ limit: 9, q: 'the o' })).items.map(({ name }) => name)).toEqual(['ops']);
  });
});

describe('members', () => {
  it('are added once and listed by name, in pages', async () => {
    await world.groups.create({ name: 'backend' });
    for (const username of ['eve', 'bob']) await world.user(username);
    const added: boolean[] = [];
    for (const username of ['eve', 'ada', 'bob', 'ada']) added.push(await world.groups.addMember('backend', username));
    expect(added).toEqual([true, true, true, false]);
    expect(await world.groups.find('backend')).toMatchObject({ memberCount: 3 });
    const first = await world.groups.membersOf('backend', { limit: 2 });
    const second = await world.groups.membersOf('backend', { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ username }) => username)).toEqual(['ada', 'bob', 'eve']);
    expect(first.items[0]).not.toHaveProperty('passwordHash');
    await world.groups.removeMember('backend', 'bob');
    expect((await world.groups.list({ limit: 9 })).items).toMatchObject([{ memberCount: 2 }]);
  });

  it('need a group and a user', async () => {
    await world.groups.create({ name: 'backend' });
    const outcomes = await Promise.all([
      outcomeOf(world.groups.addMember('backend', 'nobody')),
      outcomeOf(world.groups.addMember('frontend', 'ada')),
      outcomeOf(world.groups.removeMember('backend', 'ada')),
      outcomeOf(world.groups.membersOf('frontend', { limit: 1 })),
      outcomeOf(world.groups.update('frontend', {})),
      outcomeOf(world.groups.remove('frontend')),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(['NOT_FOUND']));
  });

  it('know their groups, by name', async () => {
    for (const name of ['two', 'one', 'other']) await world.groups.create({ name });
    for (const name of ['two', 'one']) await world.groups.addMember(name, 'ada');
    expect((await world.groups.groupsOf(world.ada.id)).map(({ name, memberCount }) => [name, memberCount])).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });

  it('announce every change that decides something', async () => {
    let heard = 0;
    world.changes.onCommitted(
      ['group.create', 'group.member-add', 'group.member-remove', 'group.delete'],
      ({ length }) => (heard += length),
    );
    await world.groups.create({ name: 'one' });
    await world.groups.addMember('one', 'ada');
    await world.groups.removeMember('one', 'ada');
    await world.groups.remove('one');
    expect(heard).toBe(4);
  });

  it('go with the account and with the group', async () => {
    const bob = await world.user('bob');
    for (const name of ['one', 'two']) {
      await world.groups.create({ name });
      for (const username of ['ada', 'bob']) await world.groups.addMember(name, username);
    }
    await world.users.remove('bob');
    await world.groups.remove('two');
    expect(await world.database.read.countBy(GroupMemberEntity, {})).toBe(1);
    expect(await world.groups.groupsOf(bob.id)).toEqual([]);
  });
});
