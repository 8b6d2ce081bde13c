import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { clock } from '../async/clock.js';
import { Changes } from '../changes/changes.js';
import type { Config } from '../config/config.js';
import { projectRoot } from '../config/project-root.js';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { Log } from '../logging/logger.js';
import { digestOf } from '../oci/digest.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoryEntity } from '../repositories/repository.entity.js';
import { DigestThreads } from '../storage/digest-threads.js';
import { DiskUploadSpool } from '../storage/disk-upload-spool.js';
import { FileThreads } from '../storage/file-threads.js';
import { MemoryUploadSpool } from '../storage/memory-upload-spool.js';
import type { UploadSpool } from '../storage/upload-spool.js';
import { UploadEntity } from './upload.entity.js';
import { UploadSessions } from './upload-sessions.js';

const app = parseRepositoryName('team/app');
const hour = 3_600_000;
const ttl = 2 * hour;
const usual: Config['registry'] = {
  maxBlobBytes: 20,
  maxManifestBytes: 0,
  uploadsPerUser: 2,
  uploadsPerRobot: 1000,
  uploadBytesPerUser: Number.POSITIVE_INFINITY,
  uploadBytes: Number.POSITIVE_INFINITY,
  diskReserveBytes: 0,
  uploadTtlMs: ttl,
  deleteEnabled: true,
  sparseIndexes: true,
  layoutMirror: true,
  accelRedirect: undefined,
};
const log = Log.open({ level: 'fatal', format: 'json' });
const bytes = (text: string) => Readable.from([Buffer.from(text)]);

let directory: string;
let database: Database;
let spool: MemoryUploadSpool;
let sessions: UploadSessions;
let now: number;
clock.steady = () => now;

let changes: Changes;
let repositories: Repositories;
/** Subjects of accounts that are disabled or gone. */
let ended: Set<string>;
const accounts = { has: async (subject: string) => ended.has(subject) };

async function start(into: UploadSpool = spool, limits: Partial<Config['registry']> = {}): Promise<UploadSessions> {
  const config = { registry: { ...usual, ...limits } };
  const started = new UploadSessions(database, changes, into, config, log, accounts);
  await started.onModuleInit();
  return started;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-uploads-'));
  database = await openDatabase({ file: join(directory, 'berth.db'), entities: [UploadEntity, RepositoryEntity], log });
  changes = new Changes(database);
  repositories = new Repositories(database, changes);
  spool = new MemoryUploadSpool();
  now = performance.now();
  ended = new Set();
  sessions = await start();
});

afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

const rows = () => database.read.count(UploadEntity);

test('a session is seen by its own subject in its own repository only', async () => {
  const session = await sessions.open(app, 'user:1');
  expect(sessions.get(session.id, app, 'user:1')).toBe(session);
  for (const [id, repository, subject] of [
    ['other', app, 'user:1'],
    [session.id, parseRepositoryName('team/other'), 'user:1'],
    [session.id, app, 'user:2'],
  ] as const) {
    expect(() => sessions.get(id, repository, subject)).toThrow(
      expect.objectContaining({ code: 'BLOB_UPLOAD_UNKNOWN' }),
    );
  }
});

test('acknowledged bytes outlive the process', async () => {
  const { id } = await sessions.open(app, 'user:1', 'sha512');
  await sessions.append(sessions.get(id, app, 'user:1'), bytes('hello '), {});
  await sessions.keep(sessions.get(id, app, 'user:1'));
  sessions = await start();
  const session = sessions.get(id, app, 'user:1');
  expect(session.algorithm).toBe('sha512');
  expect(await sessions.size(session)).toBe(6);
  expect(() => sessions.get(id, app, 'user:2')).toThrow();
});

test('a row whose bytes are gone is an unknown upload', async () => {
  const { id } = await sessions.open(app, 'user:1');
  await sessions.append(sessions.get(id, app, 'user:1'), bytes('x'), {});
  await sessions.keep(sessions.get(id, app, 'user:1'));
  await spool.discard(id);
  await expect(sessions.size(sessions.get(id, app, 'user:1'))).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
  expect(() => sessions.get(id, app, 'user:1')).toThrow();
});

test('nobody opens more sessions than allowed, and closing makes room', async () => {
  const first = await sessions.open(app, 'user:1');
  await sessions.open(app, 'user:1');
  await expect(sessions.open(app, 'user:1')).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  await sessions.open(app, 'user:2');
  await sessions.close(first);
  await sessions.open(app, 'user:1');
});

test('sealing ends the session, and so does the wrong digest', async () => {
  const right = await sessions.open(app, 'user:1');
  await sessions.append(right, bytes('hello'), {});
  await Promise.all([sessions.keep(right), sessions.keep(right)]);
  expect(await rows()).toBe(1);
  const digest = digestOf(Buffer.from('hello'));
  expect(await sessions.seal(right, digest)).toMatchObject({ digest, size: 5 });
  const wrong = await sessions.open(app, 'user:1');
  await sessions.append(wrong, bytes('other'), {});
  await sessions.keep(wrong);
  await expect(sessions.seal(wrong, digest)).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
  for (const { id } of [right, wrong]) {
    expect(() => sessions.get(id, app, 'user:1')).toThrow();
  }
  await database.write(async () => undefined);
  expect(await rows()).toBe(0);
});

test('a blob larger than allowed ends the session', async () => {
  const session = await sessions.open(app, 'user:1');
  await expect(sessions.append(session, bytes('x'.repeat(21)), {})).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
  expect(() => sessions.get(session.id, app, 'user:1')).toThrow();
});

test('what nobody goes on with expires, bytes and row and all', async () => {
  const idle = await sessions.open(app, 'user:1');
  await sessions.append(idle, bytes('x'), {});
  await sessions.keep(idle);
  now += ttl - 1;
  const busy = await sessions.open(app, 'user:1');
  await sessions.sweep();
  expect(sessions.get(idle.id, app, 'user:1')).toBe(idle);
  now += 2;
  expect(() => sessions.get(idle.id, app, 'user:1')).toThrow();
  await sessions.sweep();
  expect(await spool.size(idle.id)).toBeUndefined();
  expect(sessions.get(busy.id, app, 'user:1')).toBe(busy);
  await database.write(async () => undefined);
  expect(await rows()).toBe(0);
});

test('who writes longer than the time to live is not cut off because a second writer was refused', async () => {
  const session = await sessions.open(app, 'user:1');
  const slow = new PassThrough();
  const first = sessions.append(session, slow, {});
  await expect(sessions.append(session, bytes('evil'), {})).rejects.toMatchObject({ code: 'RANGE_INVALID' });
  now += ttl + 1;
  await sessions.sweep();
  slow.end('hello');
  expect(await first).toBe(5);
  expect(sessions.get(session.id, app, 'user:1')).toBe(session);
  now += ttl + 1;
  expect(() => sessions.get(session.id, app, 'user:1')).toThrow();
});

test('T38 the disk has back every byte of what nobody went on with', async () => {
  // Threads run what `npm test` has compiled.
  const compiled = (worker: string) => pathToFileURL(join(projectRoot(), 'dist/src/storage', worker));
  const threads = new DigestThreads(compiled('digest-worker.js'), 1);
  const files = new FileThreads(compiled('file-worker.js'));
  const uploads = join(directory, 'uploads');
  const many = await start(new DiskUploadSpool(uploads, threads, files), {
    uploadsPerUser: 50,
    maxBlobBytes: 1_000_000,
  });
  for (let count = 0; count < 50; count++) {
    const session = await many.open(app, 'user:1');
    await many.append(session, bytes('x'.repeat(100_000)), {});
    await many.keep(session);
  }
  await expect(many.open(app, 'user:1')).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  expect([(await readdir(uploads)).length, await rows()]).toEqual([50, 50]);
  now += ttl + 1;
  await many.sweep();
  await database.write(async () => undefined);
  expect([await readdir(uploads), await rows()]).toEqual([[], 0]);
  await many.open(app, 'user:1');
  await Promise.all([threads.close(), files.close()]);
});

test('bytes without a session go after the time to live', async () => {
  const orphan = await spool.create();
  await sessions.sweep();
  expect(await spool.size(orphan)).toBe(0);
  now += ttl + 1_000;
  await sessions.sweep();
  expect(await spool.size(orphan)).toBeUndefined();
});

describe('an upload to a repository that goes', () => {
  it('ends with it, and with its name', async () => {
    const other = parseRepositoryName('team/other');
    const api = parseRepositoryName('team/api');
    for (const name of [app, other])
      await repositories.create({ name, visibility: 'private', description: '', ownerId: null });
    const session = await sessions.open(app, 'user:7');
    await sessions.append(session, bytes('hello'), {});
    const kept = await sessions.open(other, 'user:7');
    await repositories.rename(app, api);
    expect(sessions.find(session.id, app, 'user:7')).toBeUndefined();
    expect(sessions.find(session.id, api, 'user:7')).toBeUndefined();
    expect(sessions.find(kept.id, other, 'user:7')).toBeDefined();
    await repositories.remove(other);
    expect(sessions.find(kept.id, other, 'user:7')).toBeUndefined();
  });
});

describe('the clock on the wall', () => {
  it('set forward while it runs, ends nothing', async () => {
    const config = { registry: { ...usual, uploadTtlMs: 24 * hour } };
    const running = new UploadSessions(database, changes, spool, config, log, accounts);
    const session = await running.open(app, 'user:1');
    const real = Date.now;
    Date.now = () => real() + 26 * hour;
    try {
      await running.sweep();
      expect(running.get(session.id, app, 'user:1')).toBe(session);
    } finally {
      Date.now = real;
    }
  });

  it('set forward before a start, takes nothing within an hour of it', async () => {
    const { id } = await sessions.open(app, 'user:1');
    await sessions.append(sessions.get(id, app, 'user:1'), bytes('hello '), {});
    await sessions.keep(sessions.get(id, app, 'user:1'));
    const orphan = await spool.create();
    const real = Date.now;
    Date.now = () => real() + 26 * hour;
    try {
      sessions = await start();
    } finally {
      Date.now = real;
    }
    await sessions.sweep();
    expect(await sessions.size(sessions.get(id, app, 'user:1'))).toBe(6);
    expect(await spool.size(orphan)).toBe(0);
    now += hour + 1;
    await sessions.sweep();
    expect(sessions.find(id, app, 'user:1')).toBeUndefined();
    expect(await spool.size(orphan)).toBeUndefined();
  });
});

describe('an account that ends', () => {
  it('takes its uploads along, and those of an earlier process', async () => {
    const slow = new PassThrough();
    const writing = await sessions.open(app, 'user:1');
    const written = sessions.append(writing, slow, {});
    const kept = await sessions.open(app, 'user:2');
    await sessions.append(kept, bytes('hello'), {});
    await sessions.keep(kept);
    const refused = expect(written).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
    const payload = { username: 'ada', role: 'user', enabled: true } as const;
    await database.write((tx) => changes.record(tx, { kind: 'user.delete', id: 1, payload, audit: { name: 'ada' } }));
    await refused;
    expect(sessions.byId(writing.id)).toBeUndefined();
    ended.add('user:2');
    sessions = await start();
    expect(sessions.byId(kept.id)).toBeUndefined();
  });
});
