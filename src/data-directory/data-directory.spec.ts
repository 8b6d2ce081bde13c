import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectory } from './data-directory.js';

let base: string;
let dataDir: string;
const opened: DataDirectory[] = [];

async function open(secretKey?: string): Promise<DataDirectory> {
  const directory = await DataDirectory.open({ dataDir, secretKey });
  opened.push(directory);
  return directory;
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'berth data-'));
  dataDir = join(base, 'deep', 'data');
});

afterEach(async () => {
  for (const directory of opened.splice(0)) await directory.close();
  await rm(base, { recursive: true, force: true });
});

const mode = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);

test('a missing directory is created for its owner alone, with a key of 32 bytes', async () => {
  const directory = await open();
  expect(await mode(dataDir)).toBe('700');
  expect(await mode(directory.file('secret.key'))).toBe('600');
  expect(directory.secret).toHaveLength(32);
  expect(directory.file('a', 'b')).toBe(join(dataDir, 'a', 'b'));
  expect((await readdir(dataDir)).sort()).toEqual(['berth.lock', 'secret.key']);
});

test('the secret stays, and each purpose has a key of its own', async () => {
  const first = await open();
  const key = first.deriveKey('session-jwt');
  await first.close();
  const second = await open();
  expect(second.deriveKey('session-jwt')).toEqual(key);
  expect(second.deriveKey('csrf')).not.toEqual(key);
  expect(key).toHaveLength(32);
});

test('a secret of the settings is used and not written down', async () => {
  const directory = await open('Zk3v9pQ1xN7cT5bW2mY8rL4hD6gJ0sFaEuIoKqHnXwM=');
  expect(directory.secret.toString()).toMatch(/^Zk3v9p/);
  await expect(stat(directory.file('secret.key'))).rejects.toThrow('ENOENT');
});

test('a second one is refused until the first is closed', async () => {
  const first = await open();
  await expect(open()).rejects.toThrow(`Another Berth is already running on the data directory ${dataDir}.`);
  await first.close();
  await open();
});

test('a process that is killed frees the directory', async () => {
  await mkdir(dataDir, { recursive: true });
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const program = `new (require(process.argv[1]))(process.argv[2]).exec('BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => {}, 1e6)`;
  const holder = spawn(process.execPath, ['-e', program, sqlite, join(dataDir, 'berth.lock')]);
  try {
    await once(holder.stdout, 'data');
    await expect(open()).rejects.toThrow('Another Berth');
  } finally {
    holder.kill('SIGKILL');
  }
  await once(holder, 'exit');
  await open();
});

test.each([['short'], [''], ['not base64 at all, but long enough to be 32 bytes'], ['AAAA'.repeat(8)]])(
  'a key file with %p stops the start and is left alone',
  async (text) => {
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, 'secret.key'), text, { mode: 0o600 });
    await expect(open()).rejects.toThrow(/^The key file .*secret\.key is damaged/);
    expect(await readFile(join(dataDir, 'secret.key'), 'utf8')).toBe(text);
  },
);

test('a key file that others may read stops the start', async () => {
  await (await open()).close();
  await chmod(join(dataDir, 'secret.key'), 0o644);
  await expect(open()).rejects.toThrow(/can be read by other users; run "chmod 600" on it\.$/);
});

test('a file in the way is named', async () => {
  await mkdir(join(base, 'deep'));
  await writeFile(dataDir, '');
  await expect(open()).rejects.toThrow(`The data directory ${dataDir} cannot be used: it is not a directory.`);
});

test('a place that nobody can write is named', async () => {
  dataDir = '/sys/berth';
  await expect(open()).rejects.toThrow(
    /^The data directory \/sys\/berth cannot be used: (permission denied|its file system is read-only)\.$/,
  );
});

test('a file system that takes no directories is named and not tried forever', async () => {
  dataDir = '/proc/berth';
  await expect(open()).rejects.toThrow('The data directory /proc/berth cannot be used: it cannot be created there.');
});
