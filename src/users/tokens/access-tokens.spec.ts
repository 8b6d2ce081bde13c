import { outcomeOf } from '../../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import type { Action } from '../../access/action.js';
import { parsePattern } from '../../access/pattern.js';
import { ChangesStore } from '../../changes/changes.store.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { AccessTokenEntity } from './access-token.entity.js';
import { secretKind } from './secret.js';

const minute = 60_000;

let world: TemporaryAccounts;

beforeEach(async () => {
  world = await temporaryAccounts();
});
afterEach(() => world.remove());

const create = (name: string, more: object = {}) => world.tokens.create(world.ada.id, { name, ...more });

describe('AccessTokens', () => {
  it('keep what they may do and when they end, and no secret', async () => {
    const scopes = [{ pattern: parsePattern('team/*'), actions: ['pull', 'push'] as const }];
    const { token, secret } = await create('laptop', { scopes, expiresAt: world.at(minute) });
    expect(token).toEqual({
      ...{ id: expect.any(Number), userId: world.ada.id, name: 'laptop', hint: secret.slice(-4), scopes },
      ...{ credentialVersion: 1, createdAt: world.at(0), expiresAt: world.at(minute) },
      ...{ lastUsedAt: null, lastUsedAddress: null },
    });
    expect(secretKind(secret)).toBe('token');
    expect(await world.tokens.findById(token.id)).toEqual(token);
    expect(JSON.stringify(await world.database.read.find(AccessTokenEntity))).not.toContain(secret);
  });

  it('are unlimited and never end unless it is said', async () => {
    expect((await create('laptop')).token).toMatchObject({ scopes: [], expiresAt: null });
  });

  it.each(['laptop', 'CI (staging) #2', 'Mein Läptöp', '笔记本电脑', '🚢'])('may be called %s', async (name) => {
    expect(await outcomeOf(create(name))).toBe('done');
  });

  it.each([
    '',
    ' laptop',
    'laptop ',
    'a'.repeat(65),
    'a\nb',
    'a\u0000b',
    'a\u200bb', // zero width
    'a\u202eb', // right to left override
    'ｌaptop', // full width
    'ﬁle', // a ligature
    'a\u00a0b', // a space that does not break
  ])('may not be called %j', async (name) => {
    expect(await outcomeOf(create(name))).toBe('VALIDATION_FAILED');
  });

  it('are one of a name for each user', async () => {
    const bob = await world.user('bob');
    await create('laptop');
    expect(await outcomeOf(create('laptop'))).toBe('CONFLICT');
    expect(await outcomeOf(world.tokens.create(bob.id, { name: 'laptop' }))).toBe('done');
    expect(await outcomeOf(world.tokens.create(999, { name: 'laptop' }))).toBe('NOT_FOUND');
  });

  it('do not begin in the past, with a scope of nothing, or with too many', async () => {
    const pattern = parsePattern('*');
    expect(await outcomeOf(create('a', { expiresAt: world.at(0) }))).toBe('VALIDATION_FAILED');
    expect(await outcomeOf(create('a', { scopes: [{ pattern, actions: [] }] }))).toBe('VALIDATION_FAILED');
    const many = Array(51).fill({ pattern, actions: ['pull'] });
    expect(await outcomeOf(create('a', { scopes: many }))).toBe('VALIDATION_FAILED');
  });

  it('are at most a hundred of one user', async () => {
    for (let i = 0; i < 100; i++) await create(`token ${i}`);
    expect(await outcomeOf(create('one more'))).toBe('CONFLICT');
    expect(await outcomeOf(world.tokens.create((await world.user('bob')).id, { name: 'first' }))).toBe('done');
  });

  it('are listed for one user or for all, oldest first, in pages', async () => {
    const bob = await world.user('bob');
    await create('one');
    await world.tokens.create(bob.id, { name: 'two' });
    await create('three', { expiresAt: world.at(1) });
    world.pass(1);
    const first = await world.tokens.list({ limit: 2 });
    const second = await world.tokens.list({ limit: 2, cursor: first.nextCursor });
    const names = (page: typeof first) => page.items.map(({ name }) => name);
    expect([names(first), names(second), second.nextCursor]).toEqual([['one', 'two'], ['three'], undefined]);
    expect(names(await world.tokens.list({ limit: 9, userId: world.ada.id }))).toEqual(['one', 'three']);
  });

  it('answer findById at once when known, and not after they went', async () => {
    const { token } = await create('laptop');
    await world.tokens.findById(token.id);
    expect(world.tokens.findById(token.id)).toMatchObject({ name: 'laptop' });
    await world.tokens.remove(token.id);
    expect(await world.tokens.findById(token.id)).toBeUndefined();
    expect(await outcomeOf(world.tokens.remove(token.id))).toBe('NOT_FOUND');
  });

  it('get another secret, unless they have expired', async () => {
    const { token } = await create('laptop', { expiresAt: world.at(minute) });
    const rotated = await world.tokens.rotate(token.id);
    expect(rotated.token).toEqual({ ...token, hint: rotated.secret.slice(-4), credentialVersion: 2 });
    world.pass(minute);
    expect(await outcomeOf(world.tokens.rotate(token.id))).toBe('CONFLICT');
    expect(await outcomeOf(world.tokens.rotate(999))).toBe('NOT_FOUND');
  });

  it('go with the account', async () => {
    const { token } = await create('laptop');
    await world.tokens.findById(token.id);
    await world.users.remove('ada');
    expect(await world.tokens.findById(token.id)).toBeUndefined();
  });

  it('follow a repository that is renamed, where they name it and nothing else', async () => {
    const [from, to] = [parsePattern('team/app_1'), parsePattern('team/new')];
    const scope = (pattern: string, ...actions: Action[]) => ({ pattern: parsePattern(pattern), actions });
    const untouched = [scope('team/*', 'pull'), scope('team/app_1/sub', 'pull'), scope('team/appx1', 'pull')];
    const { token } = await create('laptop', { scopes: [scope('team/app_1', 'pull'), ...untouched] });
    const { token: both } = await create('both', { scopes: [scope('team/new', 'push'), scope('team/app_1', 'pull')] });
    const { token: all } = await create('all');
    await world.database.write(async (tx) => {
      await world.tokens.follow(tx, from, to);
      const [repository, formerly] = [parseRepositoryName('team/new'), parseRepositoryName('team/app_1')];
      const payload = { repository, formerly, visibility: 'private' } as const;
      await world.changes.record(tx, { kind: 'repository.rename', id: 1, payload, audit: { name: repository } });
    });
    expect((await world.tokens.findById(token.id))?.scopes).toEqual([scope('team/new', 'pull'), ...untouched]);
    expect((await world.tokens.findById(both.id))?.scopes).toEqual([scope('team/new', 'push', 'pull')]);
    expect((await world.tokens.findById(all.id))?.scopes).toEqual([]);
    const changes = await new ChangesStore(world.database).behind(0, 100);
    expect(changes.filter(({ kind }) => kind === 'token.update')).toMatchObject([{ id: both.id }]);
  });
});
