import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { projectRoot } from '../../../src/config/project-root.js';
import { migrations } from '../../../src/database/migrations.js';
import { startBerth } from '../../support/berth.js';
import { Background } from '../../support/child.js';
import { refusedStart } from '../../support/refusal.js';
import { expectSound } from './acknowledged.js';
import { type Fault, times } from './fault.js';

/** A data directory as the program left it that knew only the first `known` migrations. */
async function directoryOf(base: string, known: number, name = `schema-${known}`): Promise<string> {
  const dataDir = join(base, name);
  await mkdir(dataDir);
  const database = join(dataDir, 'berth.db');
  const source = new DataSource({
    type: 'better-sqlite3',
    database,
    migrations: migrations.slice(0, known),
    enableWAL: true,
  });
  await source.initialize();
  await source.runMigrations({ transaction: 'all' });
  await source.query(
    `INSERT INTO repositories (name, visibility, created_at, updated_at) VALUES ('old/app', 'private', 1, 1)`,
  );
  await source.destroy();
  return dataDir;
}

function state(dataDir: string): { readonly applied: number; readonly repositories: string } {
  const database = new Sqlite(join(dataDir, 'berth.db'), { readonly: true });
  const applied = Number(database.prepare('SELECT COUNT(*) FROM migrations').pluck().get());
  const repositories = database.prepare('SELECT name FROM repositories').pluck().all().join();
  database.close();
  return { applied, repositories };
}

const upgraded = { applied: migrations.length, repositories: 'old/app' };

async function expectUpgrade(dataDir: string): Promise<void> {
  const berth = await startBerth({ dataDir });
  assert.equal((await berth.api('GET', '/readyz', undefined, null)).status, 200);
  assert.equal(await berth.stop(), 0);
  assert.deepEqual(state(dataDir), upgraded);
  await expectSound(dataDir);
}

/** Starts the program and kills it before its Nth write to the log of the database. */
async function killedStart(dataDir: string, write: number): Promise<void> {
  const inject = [
    '-P',
    join(dataDir, 'berth.db-wal'),
    '-e',
    'trace=pwrite64',
    '-e',
    `inject=pwrite64:signal=SIGKILL:when=${write}`,
  ];
  const program = join(projectRoot(), 'dist', 'bundle', 'main.js');
  const env = {
    PATH: process.env.PATH,
    BERTH_DATA_DIR: dataDir,
    BERTH_HOST: '127.0.0.1',
    BERTH_PORT: '0',
    BERTH_LOG_FORMAT: 'json',
  };
  const child = new Background('strace', ['-f', '-o', '/dev/null', ...inject, process.execPath, program], {
    env,
    cwd: dataDir,
  });
  await child.ended;
  assert.doesNotMatch(child.output, /"msg":"(database migrated|listening)"/);
}

export const upgrades: Fault = {
  id: 'F28',
  title: 'databases of every schema, kills in migrations, newer databases',
  tools: ['strace'],
  async run(full) {
    const base = await mkdtemp(join(tmpdir(), 'berth-upgrade-'));
    for (let known = 1; known <= migrations.length; known++) await expectUpgrade(await directoryOf(base, known));
    const kills = full ? 10 : 3;
    await times(kills, async (kill) => {
      const dataDir = await directoryOf(base, 1, `kill-${kill}`);
      await killedStart(dataDir, 1 + kill);
      await expectUpgrade(dataDir);
    });
    const newer = await directoryOf(base, migrations.length, 'newer');
    const database = new Sqlite(join(newer, 'berth.db'));
    database.prepare('INSERT INTO migrations (timestamp, name) VALUES (?, ?)').run(4e12, 'Future4000000000000');
    database.close();
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: newer });
    assert.ok(code > 0);
    assert.match(said, /newer/);
    await rm(base, { recursive: true });
    return `${migrations.length} of ${migrations.length} schemas upgraded, ${kills} of ${kills} kills recovered, a newer one refused with exit ${code}`;
  },
};
