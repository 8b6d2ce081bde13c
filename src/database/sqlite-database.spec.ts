import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { outcomeOf } from '../../test/support/outcome.js';
import { silentLog } from '../../test/support/temporary-database.js';
import { StartupError } from '../data-directory/startup-error.js';
import type { Database } from './database.js';
import { violatesUnique } from './dialect.js';
import { type DatabaseOptions, openDatabase } from './open-database.js';

const checkpointWorker = new URL('../../dist/src/database/checkpoint-worker.js', import.meta.url);

let directory: string;
let file: string;
let database: Database;

async function reopen(options: Partial<DatabaseOptions> = {}): Promise<Database> {
  await database?.close();
  database = await openDatabase({ file, entities: [], log: silentLog, checkpointWorker, ...options });
  return database;
}
const addBlob = (digest: string, size = 1) =>
  database.write((tx) => tx.query('INSERT INTO blobs (digest, size, created_at) VALUES (?, ?, 0)', [digest, size]));
const blobs = async () =>
  (await database.read.query<{ digest: string }[]>('SELECT digest FROM blobs ORDER BY digest')).map(
    (row) => row.digest,
  );

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-database-'));
  file = join(directory, 'berth.db');
  await reopen();
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

describe('the sql tag of a write', () => {
  const sizes = () =>
    database.read.query<{ digest: string; size: number }[]>('SELECT digest, size FROM blobs ORDER BY digest');

  it('binds values, lists and text, whatever their number, at the same place in the program', async () => {
    const insert = (digest: string, size: number) =>
      database.write((tx) => tx.sql`INSERT INTO blobs (digest, size, created_at) VALUES (${digest}, ${size}, ${true})`);
    for (const [place, digest] of ['a', 'b', `it's ?`].entries()) await insert(digest, place);
    const find = (digests: string[], column = 'digest') =>
      database.write(
        (tx) => tx.sql<{ digest: string }[]>`
          SELECT digest FROM blobs WHERE digest IN (${() => digests}) AND created_at = ${1} ORDER BY ${() => column}`,
      );
    const many = Array.from({ length: 100 }, (_, number) => String(number));
    expect(await find(['b', 'a'])).toEqual([{ digest: 'a' }, { digest: 'b' }]);
    expect(await find([`it's ?`])).toEqual([{ digest: `it's ?` }]);
    expect(await find(['a', ...many])).toEqual([{ digest: 'a' }]);
    const among = (digests: string[]) =>
      database.write((tx) => tx.sql<unknown[]>`SELECT 1 FROM blobs WHERE digest IN (${() => digests}) AND size = ${0}`);
    expect(await Promise.all([among(['a']), among(['a', 'b']), among(['a']), among(['b'])])).toMatchObject([
      { length: 1 },
      { length: 1 },
      { length: 1 },
      { length: 0 },
    ]);
    expect(await sizes()).toHaveLength(3);
  });

  it('is undone with the rest, and its errors say what went wrong', async () => {
    await addBlob('a');
    const failed = database.write(async (tx) => {
      await tx.sql`UPDATE blobs SET size = ${7} WHERE digest = ${'a'}`;
      await tx.sql`INSERT INTO blobs (digest, size, created_at) VALUES (${'a'}, ${1}, ${0})`;
    });
    expect(violatesUnique(await failed.catch((error: unknown) => error))).toBe(true);
    expect(await sizes()).toEqual([{ digest: 'a', size: 1 }]);
  });
});

describe('write', () => {
  it('resolves only after the log has been synced', async () => {
    const events: string[] = [];
    await reopen({
      aroundSync: async (sync) => {
        events.push('sync begins');
        await sync();
        events.push('sync ends');
      },
    });
    await addBlob('a').then(() => events.push('write resolves'));
    expect(events).toEqual(['sync begins', 'sync ends', 'write resolves']);
  });

  it('lets the next write commit while the disk is busy, and syncs all that arrived meanwhile at once', async () => {
    const disk = gate();
    let syncs = 0;
    await reopen({
      aroundSync: async (sync) => {
        syncs++;
        await disk.opened;
        await sync();
      },
    });
    const writes = ['a', 'b', 'c', 'd'].map((digest) => addBlob(digest));
    while ((await blobs()).length < 4) await new Promise(setImmediate);
    expect(syncs).toBe(1);
    disk.open();
    await Promise.all(writes);
    expect(syncs).toBe(2);
  });

  it('runs alone: no two transactions are open at once, and a failing one takes nothing else with it', async () => {
    let open = 0;
    const work = (digest: string, fails: boolean) =>
      database.write(async (tx) => {
        expect(++open).toBe(1);
        await tx.query('INSERT INTO blobs (digest, size, created_at) VALUES (?, 1, 0)', [digest]);
        await new Promise(setImmediate);
        open--;
        if (fails) throw new Error(`no ${digest}`);
      });
    const ended = await Promise.allSettled([work('a', false), work('b', true), work('c', false), work('d', true)]);
    expect(ended.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(await blobs()).toEqual(['a', 'c']);
  });

  it('shows nothing of an open transaction to readers', async () => {
    await database.write(async (tx) => {
      await tx.query("INSERT INTO blobs (digest, size, created_at) VALUES ('a', 1, 0)");
      expect(await blobs()).toEqual([]);
    });
    expect(await blobs()).toEqual(['a']);
  });

  it('makes a savepoint of a transaction inside', async () => {
    await database.write(async (tx) => {
      await tx.query("INSERT INTO blobs (digest, size, created_at) VALUES ('a', 1, 0)");
      const inner = tx.transaction(async (nested) => {
        await nested.query("INSERT INTO blobs (digest, size, created_at) VALUES ('b', 1, 0)");
        throw new Error('inner');
      });
      await expect(inner).rejects.toThrow('inner');
    });
    expect(await blobs()).toEqual(['a']);
  });

  it('tells a row that is there already from one that names a missing row', async () => {
    await addBlob('a');
    const again = await addBlob('a').catch((error: unknown) => error);
    expect(violatesUnique(again)).toBe(true);
    const dangling = await database
      .write((tx) => tx.query("INSERT INTO tags (repository_id, name, manifest_id, pushed_at) VALUES (7, 'a', 7, 0)"))
      .catch((error: unknown) => error);
    expect(violatesUnique(dangling)).toBe(false);
  });

  it('answers STORAGE_FULL when no page can be added, and goes on when some can again', async () => {
    const limit = (pages: number) => database.write((tx) => tx.query(`PRAGMA max_page_count = ${pages}`));
    await limit(1);
    const big = 'x'.repeat(1_000_000);
    expect(await outcomeOf(addBlob(big))).toBe('STORAGE_FULL');
    await limit(1_000_000);
    await addBlob(big);
    expect(await blobs()).toEqual([big]);
  });
});

describe('whenOver', () => {
  it('tells what a transaction came to before its write settles, and nobody of the next one', async () => {
    const told: unknown[] = [];
    const write = (failure?: Error) =>
      database.write(async (tx) => {
        database.whenOver(tx, (committed) => told.push(committed));
        if (failure !== undefined) throw failure;
      });
    await write().then(() => told.push('settled'));
    await write(new Error('refused')).catch(() => told.push('refused'));
    await addBlob('a');
    expect(told).toEqual([true, 'settled', false, 'refused']);
  });

  it('says yes to a commit that could not be made durable, which is visible all the same', async () => {
    const told: boolean[] = [];
    await reopen({ aroundSync: () => Promise.reject(new Error('EIO')) });
    const write = database.write(async (tx) => database.whenOver(tx, (committed) => told.push(committed)));
    expect(await outcomeOf(write)).toBe('STORAGE_UNAVAILABLE');
    expect(told).toEqual([true]);
  });
});

describe('a log that could not be synced', () => {
  it.each(['EIO', 'ENOSPC'])('refuses every later write until a restart, while reads go on (%s)', async (code) => {
    let broken = false;
    await reopen({ aroundSync: async (sync) => (broken ? Promise.reject(new Error(code)) : sync()) });
    await addBlob('before');
    broken = true;
    expect(await Promise.all([outcomeOf(addBlob('a')), outcomeOf(addBlob('b'))])).toEqual([
      'STORAGE_UNAVAILABLE',
      'STORAGE_UNAVAILABLE',
    ]);
    broken = false;
    expect(await outcomeOf(addBlob('c'))).toBe('STORAGE_UNAVAILABLE');
    expect(await blobs()).toContain('before');
    expect(await blobs()).not.toContain('c');
    await reopen();
    await addBlob('after');
    expect(await blobs()).toContain('after');
  });
});

describe('reads', () => {
  it('cannot write', async () => {
    await expect(
      database.read.query("INSERT INTO blobs (digest, size, created_at) VALUES ('a', 1, 0)"),
    ).rejects.toThrow(/readonly/);
  });

  it('are compiled once and see every commit', async () => {
    const find = database.prepare<{ size: number }>('SELECT size FROM blobs WHERE digest = ?');
    expect(await find.find('a')).toBeUndefined();
    await addBlob('a', 5);
    expect(await find.find('a')).toEqual({ size: 5 });
    expect(await find.list('a')).toEqual([{ size: 5 }]);
    expect(await find.column('a')).toEqual([5]);
  });
});

describe('opening', () => {
  it('keeps what was written', async () => {
    await addBlob('a');
    await reopen();
    expect(await blobs()).toEqual(['a']);
  });

  it('compares names in byte order and enforces foreign keys', async () => {
    for (const digest of ['b', 'B', 'é', 'a']) await addBlob(digest);
    expect(await blobs()).toEqual(['B', 'a', 'b', 'é']);
  });

  it('refuses a database that a newer program wrote', async () => {
    await database.write((tx) => tx.query(`INSERT INTO migrations (timestamp, name) VALUES (9, 'Later9999999999999')`));
    const refusal = await reopen().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartupError);
    expect(String(refusal)).toContain('newer Berth');
    tamper("DELETE FROM migrations WHERE name LIKE 'Later%'");
    await reopen();
  });

  it.each([
    ['is no database', () => Buffer.alloc(8192, 'not a database ')],
    ['lost its second half', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ])('refuses a file that %s, in one sentence', async (_name, damage) => {
    await database.close();
    await writeFile(file, damage(await readFile(file)));
    const refusal = await reopen().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal).toHaveProperty('message', `The database ${file} is damaged; restore it from a backup.`);
  });
});

describe('checkpoint', () => {
  it('folds a large log into the database beside running writes and starts the log anew', async () => {
    const written: Promise<unknown>[] = [];
    for (let i = 0; i < 70; i++) written.push(addBlob(`${i}`.padStart(2, '0') + 'x'.repeat(1_000_000)));
    await Promise.all(written);
    while ((await stat(`${file}-wal`)).size > 1_000_000) await new Promise(setImmediate);
    expect(await blobs()).toHaveLength(70);
    await addBlob('after');
    const copy = new SqliteFile(file, { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    copy.close();
  });
});

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function tamper(sql: string): void {
  const handle = new SqliteFile(file);
  handle.exec(sql);
  handle.close();
}
