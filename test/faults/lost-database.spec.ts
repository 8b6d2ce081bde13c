import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { buildImage } from '../support/images.js';
import { refusedStart } from '../support/refusal.js';
import { RegistryClient } from '../support/registry-client.js';

const image = buildImage({ seed: 'lost', layers: [1_000, 70_000] });

describe('a data directory whose database is gone', () => {
  let base: string;
  let dataDir: string;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'berth-lost-'));
    const used = await startBerth({ dataDir: base });
    await (await RegistryClient.open(used.url, used.admin)).push('team/app', '1', image);
    await used.stop();
    expect((await berth(['layout', 'sync', '--data-dir', base])).code).toBe(0);
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'berth-lost-'));
    execFileSync('cp', ['-a', `${base}/.`, dataDir]);
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  afterAll(() => rm(base, { recursive: true, force: true }));

  const losses: [string, (file: string) => Promise<void>][] = [
    ['removed', (file) => rm(file)],
    ['emptied', (file) => truncate(file, 0)],
    ['moved, and its log was not', (file) => rename(file, `${file}-wal`)],
  ];

  it.each(losses)('does not start as new without a word: %s', async (_, lose) => {
    await lose(join(dataDir, 'berth.db'));
    const before = await readdir(dataDir);
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect([code, said.split('\n').length]).toEqual([1, 1]);
    expect(said).toMatch(/^The database \S+berth\.db is gone, .* backup, .*"berth reindex"/);
    expect(await readdir(dataDir)).toEqual(before.sort());
    // Nor does another command make one.
    expect((await berth(['user', 'list', '--data-dir', dataDir])).code).toBeGreaterThan(0);
    expect((await refusedStart({ BERTH_DATA_DIR: dataDir })).code).toBe(1);
  });

  it('gives its images back after "berth reindex", to a new administrator', async () => {
    await rm(join(dataDir, 'berth.db'));
    expect(await berth(['reindex', '--data-dir', dataDir])).toMatchObject({ code: 0 });
    const server = await startBerth({ dataDir });
    const client = await RegistryClient.open(server.url, server.admin);
    expect(await client.pull('team/app', '1')).toBe(image.manifest.digest);
    expect(await server.stop()).toBe(0);
  });

  it('keeps the log of a database that somebody may still find', async () => {
    const lost = await readFile(join(dataDir, 'berth.db'));
    await rename(join(dataDir, 'berth.db'), join(dataDir, 'berth.db-wal'));
    expect(await berth(['reindex', '--data-dir', dataDir])).toMatchObject({ code: 0 });
    expect((await readFile(join(dataDir, 'berth.db-wal.lost'))).equals(lost)).toBe(true);
  });

  it.each([
    ['without the keys, as a volume of another registry has none', 'keys'],
    ['without blobs, as an installation whose keys were brought along has none', 'docker'],
  ])('starts as new %s', async (_, name) => {
    await rm(join(dataDir, 'berth.db'));
    await rm(join(dataDir, name), { recursive: true });
    const server = await startBerth({ dataDir });
    expect((await server.api('GET', '/api/v1/repositories')).body.items).toEqual([]);
    expect(await server.stop()).toBe(0);
  });
});
