import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../test/support/temporary-accounts.js';
import { parsePattern } from '../access/pattern.js';

const client = { service: 's', clientId: 'docker', address: '192.0.2.7' };

let world: TemporaryAccounts;

beforeEach(async () => {
  world = await temporaryAccounts();
});
afterEach(() => world.remove());

interface Row {
  readonly action: string;
  readonly resource: string;
  readonly detail: string;
}
/** What was written down beside the accounts themselves. */
const written = async () => {
  const rows = await world.database.read.query<Row[]>('SELECT action, resource, detail FROM audit_events ORDER BY id');
  return rows
    .filter(({ action }) => !action.startsWith('user.'))
    .map(({ action, resource, detail }) => [action, resource, JSON.parse(detail)]);
};

describe('the record of changes', () => {
  it('has those of groups and members, and not what changed nothing', async () => {
    await world.groups.create({ name: 'backend', description: 'old' });
    await world.groups.update('backend', { description: 'new' });
    await world.groups.addMember('backend', 'ada');
    await world.groups.addMember('backend', 'ada');
    await world.groups.removeMember('backend', 'ada');
    await world.groups.remove('backend');
    expect(await outcomeOf(world.groups.remove('backend'))).toBe('NOT_FOUND');
    expect(await written()).toEqual([
      ['group.create', 'group:backend', { after: { name: 'backend', description: 'old' } }],
      ['group.update', 'group:backend', { before: { description: 'old' }, after: { description: 'new' } }],
      ['group.member-add', 'group:backend', { after: { username: 'ada' } }],
      ['group.member-remove', 'group:backend', { before: { username: 'ada' } }],
      ['group.delete', 'group:backend', { before: { name: 'backend', description: 'new' } }],
    ]);
  });

  it('has those of robots and their secrets', async () => {
    const { robot } = await world.robots.create({ namespace: 'team', name: 'ci' });
    const { id } = await world.robots.addSecret('team+ci');
    expect(await outcomeOf(world.robots.addSecret('team+ci'))).toBe('CONFLICT');
    await world.robots.removeSecret('team+ci', id);
    await world.robots.update(robot.name, { enabled: false });
    await world.robots.remove(robot.name);
    expect(await written()).toMatchObject([
      ['robot.create', 'robot:team+ci', { after: { name: 'team+ci', enabled: true } }],
      ['robot.secret-add', 'robot:team+ci', { after: { id } }],
      ['robot.secret-remove', 'robot:team+ci', { before: { id } }],
      ['robot.update', 'robot:team+ci', { before: { enabled: true }, after: { enabled: false } }],
      ['robot.delete', 'robot:team+ci', { before: { enabled: false } }],
    ]);
  });

  it('has those of tokens, named by their owner', async () => {
    const scopes = [{ pattern: parsePattern('team/*'), actions: ['pull'] as const }];
    const { token } = await world.tokens.create(world.ada.id, { name: 'laptop', scopes });
    const rotated = await world.tokens.rotate(token.id);
    await world.tokens.remove(token.id);
    expect(await written()).toMatchObject([
      ['token.create', 'token:ada/laptop', { after: { name: 'laptop', owner: 'ada', scopes } }],
      ['token.rotate', 'token:ada/laptop', { before: { hint: token.hint }, after: { hint: rotated.token.hint } }],
      ['token.delete', 'token:ada/laptop', { before: { name: 'laptop', owner: 'ada' } }],
    ]);
  });

  it('has a sign-in, and the sessions and refresh tokens that were ended from the list', async () => {
    const { id } = await world.refreshTokens.issue(world.ada, client);
    await world.sessions.open(world.ada, { address: '192.0.2.8', userAgent: '', remember: false });
    await world.refreshTokens.revoke(world.ada.id, id);
    await world.refreshTokens.revoke(world.ada.id, id);
    await world.sessions.revokeAllOf(world.ada.id);
    expect(await written()).toMatchObject([
      ['sign-in', 'user:ada', { after: { way: 'session' } }],
      ['session.end', 'user:ada', { before: { id, address: '192.0.2.7' } }],
      ['session.end', 'user:ada', { before: { address: '192.0.2.8' } }],
    ]);
  });

  it('holds no secret and nothing one could be checked against', async () => {
    const robot = await world.robots.create({ namespace: 'team', name: 'ci', description: 'a' });
    const added = await world.robots.addSecret('team+ci');
    const token = await world.tokens.create(world.ada.id, { name: 'laptop' });
    const rotated = await world.tokens.rotate(token.token.id);
    const record = JSON.stringify(await world.database.read.query('SELECT * FROM audit_events'));
    for (const { secret } of [robot, added, token, rotated]) expect(record).not.toContain(secret.slice(10, 40));
    expect(record).not.toMatch(/[0-9a-f]{64}/);
  });
});
