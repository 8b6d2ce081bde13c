import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { Changes } from '../changes/changes.js';
import { digestOf } from '../oci/digest.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { inspectedRepositoryQueries } from './inspected-repositories.store.js';
import { Repositories } from './repositories.js';
import { RepositoryEntity } from './repository.entity.js';

const name = parseRepositoryName('team/app');
const digest = digestOf(Buffer.from('a manifest'));
const wanted = { name, visibility: 'internal', description: 'an app', ownerId: null } as const;

const kinds = ['repository.create', 'repository.update', 'repository.rename', 'repository.delete'] as const;

let temporary: TemporaryDatabase;
let changes: Changes;
let repositories: Repositories;
let events: string[];

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [RepositoryEntity] });
  changes = new Changes(temporary.database);
  repositories = new Repositories(temporary.database, changes);
  events = [];
  changes.onCommitted(kinds, (some) => {
    for (const { kind, payload } of some) events.push(`${kind} ${payload.repository}`);
  });
});
afterEach(() => temporary.remove());

describe('create', () => {
  it('makes a repository that can be found, at once the second time', async () => {
    const created = await repositories.create(wanted);
    expect(created).toMatchObject({ ...wanted, pushedAt: null });
    expect(created.createdAt).toBeInstanceOf(Date);
    expect(await repositories.find(name)).toEqual(created);
    expect(repositories.find(name)).toEqual(created);
    expect(events).toEqual(['repository.create team/app']);
  });

  it('refuses a name twice', async () => {
    await repositories.create(wanted);
    expect(await outcomeOf(repositories.create(wanted))).toBe('REPOSITORY_EXISTS');
  });
});

describe('update', () => {
  it('changes what is given and nothing else, for those who remember it too', async () => {
    const before = await repositories.create(wanted);
    await repositories.find(name);
    await repositories.update(name, { visibility: 'public' });
    expect(await repositories.find(name)).toMatchObject({ id: before.id, visibility: 'public', description: 'an app' });
    expect(events).toEqual(['repository.create team/app', 'repository.update team/app']);
  });

  it('knows no repository that is not there', async () => {
    expect(await outcomeOf(repositories.update(name, { description: 'x' }))).toBe('NAME_UNKNOWN');
  });
});

describe('rename', () => {
  const renamed = parseRepositoryName('other/app');

  it('takes everything to the new name and leaves nothing at the old one', async () => {
    const { id, createdAt } = await repositories.create(wanted);
    await repositories.find(name);
    expect(await repositories.rename(name, renamed)).toMatchObject({ ...wanted, id, createdAt, name: renamed });
    expect(await repositories.find(name)).toBeUndefined();
    expect(await repositories.find(renamed)).toMatchObject({ id });
    expect(events).toEqual(['repository.create team/app', 'repository.rename other/app']);
  });

  it('refuses a name that is taken, and knows no repository that is not there', async () => {
    await repositories.create(wanted);
    expect(await outcomeOf(repositories.rename(renamed, name))).toBe('NAME_UNKNOWN');
    await repositories.create({ ...wanted, name: renamed });
    expect(await outcomeOf(repositories.rename(name, renamed))).toBe('REPOSITORY_EXISTS');
    expect(await repositories.find(name)).toBeDefined();
    expect(await outcomeOf(repositories.rename(name, name))).toBe('done');
  });

  it('is undone when what follows fails', async () => {
    await repositories.create(wanted);
    repositories.onRename(async () => Promise.reject(new Error('refused')));
    await expect(repositories.rename(name, renamed)).rejects.toThrow('refused');
    expect(await repositories.find(name)).toBeDefined();
    expect(await repositories.find(renamed)).toBeUndefined();
  });
});

describe('remove', () => {
  it('forgets it everywhere', async () => {
    await repositories.create(wanted);
    await repositories.find(name);
    await repositories.remove(name);
    expect(await repositories.find(name)).toBeUndefined();
    expect(events).toEqual(['repository.create team/app', 'repository.delete team/app']);
    expect(await outcomeOf(repositories.remove(name))).toBe('NAME_UNKNOWN');
  });
});

describe('ensure', () => {
  const push = (at = new Date()) =>
    temporary.database.write(async (tx) => {
      const target = await repositories.ensure(tx, name, null);
      await repositories.recordPush(tx, target.id, at);
      await changes.record(tx, {
        kind: 'push',
        id: target.id,
        payload: { repository: name, digest, tags: [] },
        audit: { name },
      });
      return target.id;
    });

  it('creates a private repository once, whoever comes first', async () => {
    const ids = await Promise.all([push(), push(), push()]);
    expect(new Set(ids).size).toBe(1);
    expect(await repositories.find(name)).toMatchObject({ id: ids[0], visibility: 'private', description: '' });
    expect(events).toEqual(['repository.create team/app']);
  });

  it('keeps what is remembered of a repository that is only asked for', async () => {
    await repositories.create(wanted);
    const remembered = await repositories.find(name);
    await temporary.database.write((tx) => repositories.ensure(tx, name, null));
    expect(repositories.find(name)).toBe(remembered);
  });

  it('leaves no repository behind when the push fails', async () => {
    const failing = temporary.database.write(async (tx) => {
      await repositories.ensure(tx, name, null);
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(await repositories.find(name)).toBeUndefined();
  });

  it('shows the time of the push to those who remember the repository', async () => {
    await repositories.create(wanted);
    await repositories.find(name);
    const at = new Date(1_763_700_000_000);
    await push(at);
    expect(await repositories.find(name)).toMatchObject({ pushedAt: at });
    expect(events).toEqual(['repository.create team/app']);
  });
});

it.each(inspectedRepositoryQueries)('finds its rows by the index of names, in order: %s', async (query) => {
  const values = Array.from(query.matchAll(/\?/g), () => 1);
  const plan = await temporary.database.read.query<object[]>(`EXPLAIN QUERY PLAN ${query}`, values);
  expect(plan).toEqual([
    expect.objectContaining({ detail: expect.stringMatching(/^SEARCH repositories USING .*INDEX .*\(name[=>]\?\)$/) }),
  ]);
});
