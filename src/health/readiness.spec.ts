import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryDatabase } from '../../test/support/temporary-database.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Log } from '../logging/logger.js';
import { DiskReserve } from '../storage/disk-reserve.js';
import { Readiness } from './readiness.js';

const consumers = { layout: { lag: 1, parked: 0, failures: 0 } };

async function given(reserved = 0) {
  const base = await mkdtemp(join(tmpdir(), 'berth-ready-'));
  const dataDirectory = await DataDirectory.open({ dataDir: join(base, 'data') });
  const database = await temporaryDatabase({ entities: [] });
  const lines: string[] = [];
  const log = Log.open({ level: 'info', format: 'json' }, { write: (line) => void lines.push(line) });
  const reserve = new DiskReserve(base, reserved);
  const report = async () => ({
    layout: { lag: (await database.database.read.query<unknown[]>('SELECT 1')).length, parked: 0, failures: 0 },
  });
  const readiness = new Readiness(database.database, dataDirectory, reserve, { report }, log);
  const remove = async () => {
    await dataDirectory.close();
    await database.remove();
    await rm(base, { recursive: true, force: true });
  };
  return { dataDirectory, database, lines, readiness, remove };
}

test('ready when a transaction and a file can be written', async () => {
  const { readiness, remove } = await given();
  expect(await readiness.report()).toEqual({ ready: true, checks: { database: 'ok', storage: 'ok' }, consumers });
  await remove();
});

test('names what failed, and tells the log why', async () => {
  const { dataDirectory, lines, readiness, remove } = await given();
  await rm(dataDirectory.path, { recursive: true });
  expect(await readiness.report()).toEqual({ ready: false, checks: { database: 'ok', storage: 'failed' }, consumers });
  expect(lines.join('')).toMatch(/"check":"storage".*ENOENT.*"not ready"/);
  await remove();
});

test('a closed database is not ready', async () => {
  const { database, readiness, remove } = await given();
  await database.database.close();
  expect(await readiness.report()).toEqual({ ready: false, checks: { database: 'failed', storage: 'ok' } });
  await remove();
});

test('a disk that has only its reserve left is full', async () => {
  const { readiness, remove } = await given(Number.MAX_SAFE_INTEGER);
  expect(await readiness.report()).toEqual({ ready: false, checks: { database: 'ok', storage: 'full' }, consumers });
  await remove();
});
