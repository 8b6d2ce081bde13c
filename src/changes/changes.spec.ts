import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { auditActionNames } from '../audit/actions.js';
import { openDatabase } from '../database/open-database.js';
import type { Digest } from '../oci/digest.js';
import { parseTag } from '../oci/reference.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { Changes } from './changes.js';
import { ChangesStore } from './changes.store.js';
import { EpochFile, openEpoch } from './epoch.js';
import { type Change, changeKinds, type NewChange } from './kinds.js';

let temporary: TemporaryDatabase;
let changes: Changes;
beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [] });
  changes = new Changes(temporary.database);
});
afterEach(() => temporary.remove());

const app = parseRepositoryName('team/app');
const digest = `sha256:${'a'.repeat(64)}` as Digest;
const push = (...tags: string[]): NewChange => ({
  kind: 'push',
  id: 7,
  payload: { repository: app, digest, tags: tags.map(parseTag) },
  audit: { name: app, reference: tags[0] ?? digest, after: { digest, tags } },
});
const group: NewChange = { kind: 'group.create', id: 3, payload: { group: 'crew' }, audit: { name: 'crew' } };
const record = (...some: NewChange[]) =>
  temporary.database.write(async (tx) => {
    for (const change of some) await changes.record(tx, change);
  });
const feed = () => new ChangesStore(temporary.database).behind(0, 1_000);
const audit = () => temporary.database.read.query<Record<string, unknown>[]>('SELECT * FROM audit_events ORDER BY id');

test('a push is one row for programs and one for people', async () => {
  await record(push('1.0'));
  expect(await feed()).toEqual([
    {
      ...{ position: 1, epoch: 'one', kind: 'push', id: 7, at: expect.any(Date) },
      payload: { repository: app, digest, tags: ['1.0'] },
    },
  ]);
  const detail = JSON.stringify({ after: { digest, tags: ['1.0'] } });
  expect(await audit()).toMatchObject([
    { action: 'push', actor: 'system', resource: 'repository:team/app', reference: '1.0', detail, repository_id: 7 },
  ]);
});

test('what only programs follow is no event of the audit', async () => {
  await record({ kind: 'blob.link', id: 7, payload: { repository: app, digest } });
  expect([(await feed()).length, await audit()]).toEqual([1, []]);
});

test('nothing gets into the feed that its kind does not allow', async () => {
  const row = {
    username: 'ada',
    role: 'user',
    enabled: true,
    passwordHash: 'secret',
    email: 'ada@example.com',
  } as const;
  await record({ kind: 'user.update', id: 1, payload: row, audit: { name: 'ada', before: row, after: row } });
  expect((await feed())[0]?.payload).toEqual({ username: 'ada', role: 'user', enabled: true });
});

test('every change that people read about is an action of the audit', () => {
  const readByNobody = Object.keys(changeKinds).filter((kind) => !auditActionNames.some((action) => action === kind));
  expect(readByNobody).toEqual(['blob.link', 'adoption', 'layout.note', 'epoch.begin']);
});

test('a change with many tags has as many rows as it takes', async () => {
  const tags = Array.from({ length: 2_500 }, (_, number) => `v${number}`);
  await record(push(...tags));
  const rows = await feed();
  expect(rows.map(({ payload }) => ('tags' in payload ? payload.tags.length : 0))).toEqual([1_000, 1_000, 500]);
  expect(rows.flatMap(({ payload }) => ('tags' in payload ? payload.tags : []))).toEqual(tags);
  expect(await audit()).toHaveLength(1);
});

describe('subscribers', () => {
  test('are told after the commit and before the answer, of their kinds alone, once a transaction', async () => {
    const told: Change[][] = [];
    let answered = false;
    changes.onCommitted(['push'], (some) => {
      expect(answered).toBe(false);
      told.push([...some]);
    });
    await record(push('1'), group, push('2'));
    answered = true;
    expect(told.map((some) => some.map(({ kind }) => kind))).toEqual([['push', 'push']]);
  });

  test('hear nothing of a transaction that came to nothing', async () => {
    const told: unknown[] = [];
    changes.onCommitted(['push', 'group.create'], (some) => told.push(...some));
    const failing = temporary.database.write(async (tx) => {
      await changes.record(tx, push('1'));
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect([told, await feed(), await audit()]).toEqual([[], [], []]);
    await record(group);
    expect(told).toMatchObject([{ kind: 'group.create' }]);
  });

  test('are told of a commit that is visible and could not be made durable', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'berth-changes-'));
    let broken = false;
    const aroundSync = async (sync: () => Promise<void>) => (broken ? Promise.reject(new Error('EIO')) : sync());
    const database = await openDatabase({
      file: join(directory, 'berth.db'),
      entities: [],
      log: silentLog,
      aroundSync,
    });
    const failing = new Changes(database);
    const told: unknown[] = [];
    failing.onCommitted(['group.create'], (some) => told.push(...some));
    broken = true;
    await expect(database.write((tx) => failing.record(tx, group))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(told).toMatchObject([{ kind: 'group.create' }]);
    await database.close();
    await rm(directory, { recursive: true });
  });

  test('all know, whatever one of them throws', async () => {
    const told: unknown[] = [];
    changes.onCommitted(['group.create'], () => {
      throw new Error('a fault of the first');
    });
    changes.onCommitted(['group.create'], (some) => told.push(...some));
    await record(group);
    expect(told).toHaveLength(1);
  });
});

describe('the epoch', () => {
  let directory: string;
  let file: EpochFile;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-epoch-'));
    file = new EpochFile(join(directory, 'changes.json'));
  });
  afterEach(() => rm(directory, { recursive: true }));
  const open = () => openEpoch(temporary.database, file);

  test('stays from start to start', async () => {
    const epoch = await open();
    expect([await open(), await open()]).toEqual([epoch, epoch]);
    await file.write({ epoch, position: 1 });
    expect(await open()).toBe(epoch);
    expect(await feed()).toMatchObject([{ kind: 'epoch.begin', epoch }]);
  });

  test.each([
    ['the database is older than the file beside it', async (epoch: string) => file.write({ epoch, position: 9 })],
    ['the file is of another database', async () => file.write({ epoch: 'another', position: 0 })],
    ['the file is gone', async () => rm(join(directory, 'changes.json'))],
    ['the file is damaged', async () => writeFile(join(directory, 'changes.json'), '{')],
  ])('is another when %s', async (_, happen) => {
    const epoch = await open();
    await happen(epoch);
    const next = await open();
    expect(next).not.toBe(epoch);
    expect(await open()).toBe(next);
  });
});
