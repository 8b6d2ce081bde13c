import { execFileSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { startBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { refusedStart } from '../support/refusal.js';

/** A journal of no pages that names another file, as SQLite writes it for a change of several databases; what it names is deleted when it is played back. */
function journalNaming(victim: string, pages: number): Buffer {
  const magic = Buffer.from('d9d505f920a163d7', 'hex');
  const numbers = (...of: number[]) => Buffer.from(Uint32Array.from(of).buffer).swap32();
  const name = Buffer.from(victim);
  const sum = name.reduce((total, byte) => total + byte, 0);
  const head = Buffer.concat([magic, numbers(0, 0, pages, 512, 4096)], 512);
  return Buffer.concat([head, numbers(2 ** 30 / 4096 + 1), name, numbers(name.length, sum), magic]);
}

describe('a rollback journal beside the database', () => {
  let directory: string;
  let dataDir: string;
  let victim: string;
  const inside = (name: string) => join(dataDir, name);
  const start = async () => (await startBerth({ dataDir })).stop();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-journal-'));
    dataDir = join(directory, 'data');
    victim = join(directory, 'victim');
    await mkdir(dataDir, { mode: 0o700 });
    await start();
    await writeFile(victim, 'precious');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const plant = async () => {
    const pages = (await stat(inside('berth.db'))).size / 4096;
    await writeFile(inside('berth.db-journal'), journalNaming(victim, pages));
  };

  it('that somebody put there deletes no file of the machine', async () => {
    await plant();
    expect((await berth(['fsck', '--data-dir', dataDir])).stdout).toContain('its journal is beside it');
    expect(await start()).toBe(0);
    await access(victim);
    expect(await readdir(dataDir)).not.toContain('berth.db-journal');
    expect((await berth(['fsck', '--data-dir', dataDir])).code).toBe(0);
  });

  it('of a database that another program changed is left for that one', async () => {
    const database = new SqliteFile(inside('berth.db'));
    database.pragma('journal_mode = DELETE');
    database.close();
    await plant();
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect([code, said.split('\n').length]).toEqual([1, 1]);
    expect(said).toMatch(/berth\.db-journal is a change of berth\.db that another program did not finish/);
    await access(inside('berth.db-journal'));
    await access(victim);
  });

  it.each(['berth.db-journal', 'berth.lock-journal'])('does not make a start wait or follow: %s', async (name) => {
    execFileSync('mkfifo', [inside(name)]);
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect([code, said]).toEqual([1, `${inside(name)} is not a file.`]);
    await rm(inside(name));
    await symlink(victim, inside(name));
    expect((await refusedStart({ BERTH_DATA_DIR: dataDir })).said).toMatch(/ is a link; /);
  });
});
