import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { refusedStart } from '../support/refusal.js';

/** Starts the program where it must refuse: it ends by itself, not with 0, and says one plain sentence. `npm run faults -- F34` tells how soon. */
async function refusal(env: Record<string, string>): Promise<string> {
  const { code, said } = await refusedStart(env);
  expect(code).toBeGreaterThan(0);
  const lines = said.split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/^\s+at |Error:|node:/);
  return lines[0] ?? '';
}

describe('a start that must not happen', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-start-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('refuses a second process on the same data directory, and the first one does not notice', async () => {
    const berth = await startBerth();
    expect(await refusal({ BERTH_DATA_DIR: berth.dataDir })).toContain(berth.dataDir);
    expect((await berth.api('GET', '/readyz', undefined, null)).status).toBe(200);
    await berth?.stop();
  });

  it('refuses a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await refusal({ BERTH_DATA_DIR: directory, BERTH_PORT: String(port) })).toContain(String(port));
    server.close();
  });

  it.each([
    ['below a file', () => join(directory, 'file', 'data')],
    ['on a file system that takes no files', () => '/proc/berth'],
  ])('refuses a data directory %s', async (_, place) => {
    await writeFile(join(directory, 'file'), '');
    const dataDir = place();
    expect(await refusal({ BERTH_DATA_DIR: dataDir })).toContain(dataDir);
  });

  it('refuses an unknown setting, naming it and its neighbour', async () => {
    const said = await refusal({ BERTH_DATA_DIR: directory, BERTH_DATA_DIRR: directory });
    expect(said).toContain('BERTH_DATA_DIRR');
    expect(said).toContain('BERTH_DATA_DIR');
    expect(await readdir(directory)).toEqual([]);
  });

  it('refuses a corrupt secret key instead of making another', async () => {
    await runOnce();
    await writeFile(join(directory, 'secret.key'), 'not a key\n');
    expect(await refusal({ BERTH_DATA_DIR: directory })).toContain('secret.key');
  });

  it('refuses a corrupt signing key', async () => {
    await runOnce();
    const keys = join(directory, 'keys');
    for (const name of await readdir(keys)) await writeFile(join(keys, name), 'not a key\n');
    expect(await refusal({ BERTH_DATA_DIR: directory })).toContain(keys);
  });

  it('refuses a database that a newer Berth has written', async () => {
    await runOnce();
    const file = (await readdir(directory)).find((name) => /\.(db|sqlite3?)$/.test(name)) ?? '';
    const database = new Sqlite(join(directory, file));
    database
      .prepare('INSERT INTO migrations (timestamp, name) VALUES (?, ?)')
      .run(4_000_000_000_000, 'Future4000000000000');
    database.close();
    expect(await refusal({ BERTH_DATA_DIR: directory })).toMatch(/newer/);
  });

  async function runOnce(): Promise<void> {
    await mkdir(directory, { recursive: true });
    const berth: Berth = await startBerth({ dataDir: directory });
    expect(await berth.stop()).toBe(0);
  }
});
