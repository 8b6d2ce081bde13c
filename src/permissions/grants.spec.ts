import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryPermissions, temporaryPermissions } from '../../test/support/temporary-permissions.js';
import { parsePattern } from '../access/pattern.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import type { Grants } from './grants.js';

const user = (name: string) => ({ type: 'user', name }) as const;
const ada = user('ada');
let world: TemporaryPermissions;

beforeEach(async () => {
  world = await temporaryPermissions();
});
afterEach(() => world.remove());

describe('Grants', () => {
  it('are one per user and pattern', async () => {
    const first = await world.grants.put(
      { subject: ada, pattern: parsePattern('team/*'), actions: ['manage', 'pull', 'pull'] },
      null,
    );
    expect(first).toMatchObject({
      created: true,
      grant: { subject: ada, pattern: 'team/*', actions: ['pull', 'manage'] },
    });
    const second = await world.grants.put({ subject: ada, pattern: parsePattern('team/*'), actions: ['push'] }, null);
    expect(second).toEqual({ created: false, grant: { ...first.grant, actions: ['push'] } });
    expect(await world.grants.find(first.grant.id)).toEqual(second.grant);
    const again = { subject: ada, pattern: parsePattern('team/*'), actions: ['pull'], onlyNew: true } as const;
    expect(await outcomeOf(world.grants.put(again, null))).toBe('CONFLICT');
    expect(await world.grants.find(first.grant.id)).toEqual(second.grant);
  });

  it('need a user and an action', async () => {
    const pattern = parsePattern('team/*');
    expect(await outcomeOf(world.grants.put({ subject: user('nobody'), pattern, actions: ['pull'] }, null))).toBe(
      'NOT_FOUND',
    );
    expect(await outcomeOf(world.grants.put({ subject: ada, pattern, actions: [] }, null))).toBe('VALIDATION_FAILED');
    expect(await outcomeOf(world.grants.remove(7))).toBe('NOT_FOUND');
  });

  it('are listed by user, by pattern and by the repository they cover, in pages', async () => {
    await world.user('bob');
    for (const username of ['ada', 'bob'])
      for (const pattern of ['team/app', 'team/*', '*', 'other'])
        await world.grants.put({ subject: user(username), pattern: parsePattern(pattern), actions: ['pull'] }, null);
    const list = async (filter: Partial<Parameters<Grants['list']>[0]>) =>
      (await world.grants.list({ limit: 100, ...filter })).items.map(
        ({ subject, pattern }) => `${subject.name} ${pattern}`,
      );
    expect(await list({ subject: user('bob') })).toEqual(['bob team/app', 'bob team/*', 'bob *', 'bob other']);
    expect(await list({ pattern: parsePattern('*') })).toEqual(['ada *', 'bob *']);
    expect(await list({ repository: parseRepositoryName('team/app'), subject: ada })).toEqual([
      'ada team/app',
      'ada team/*',
      'ada *',
    ]);
    expect(await list({ subject: user('nobody') })).toEqual([]);
    const first = await world.grants.list({ limit: 5 });
    const second = await world.grants.list({ limit: 5, cursor: first.nextCursor });
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([5, 3, undefined]);
  });
});
