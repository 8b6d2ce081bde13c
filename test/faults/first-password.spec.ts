import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { launchBerth } from '../support/berth.js';
import { berth } from '../support/berth-command.js';
import { writeCertificate } from '../support/certificate.js';
import type { Background } from '../support/child.js';
import { send } from '../support/http.js';
import { refusedStart } from '../support/refusal.js';

/** Whatever becomes of the first start, somebody can sign in afterwards, and nobody with a password that was replaced. */
let directory: string;
let dataDir: string;
const running: Background[] = [];
/** Milliseconds: each starts Berth several times. */
const patience = 90_000;
const slow = (name: string, body: () => Promise<void>) => it(name, body, patience);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-first-password-'));
  dataDir = join(directory, 'data');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((child) => child.stop()));
  await rm(directory, { recursive: true, force: true });
});

const passwordFile = () => join(dataDir, 'initial-password');

function launch(env: Record<string, string> = {}): Background {
  const child = launchBerth(
    { BERTH_HOST: '127.0.0.1', BERTH_PORT: '0', BERTH_LOG_FORMAT: 'json', BERTH_DATA_DIR: dataDir, ...env },
    directory,
  );
  running.push(child);
  return child;
}

/** A start that works: where it listens, and the password when it told one. */
async function started(env: Record<string, string> = {}) {
  const child = launch(env);
  const [line] = await child.waitFor(/^.*"msg":"listening".*$/m);
  const url = new URL(JSON.parse(line).url).origin;
  await send(url, '/healthz'); // what a start prints is out before its first answer
  return { child, url, told: /with the password\s+(\S{20,})/.exec(child.output)?.[1] };
}

async function status(url: string, password: string): Promise<number> {
  const body = JSON.stringify({ username: 'admin', password });
  const headers = { 'content-type': 'application/json' };
  return (await send(url, '/api/v1/auth/login', { method: 'POST', headers, body })).status;
}

function accounts(): number {
  if (!existsSync(join(dataDir, 'berth.db'))) return 0;
  const database = new Sqlite(join(dataDir, 'berth.db'), { readonly: true });
  try {
    return database.prepare<[], { count: number }>('SELECT COUNT(*) AS count FROM users').get()?.count ?? -1;
  } finally {
    database.close();
  }
}

const mine = 'chosen-By-somebody-7';

describe('a first start that fails', () => {
  async function failsWith(env: Record<string, string>, reason: RegExp): Promise<void> {
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir, ...env });
    expect([code, said.split('\n').length]).toEqual([1, 1]);
    expect(said).toMatch(reason);
    expect([accounts(), existsSync(passwordFile())]).toEqual([0, false]);
  }

  async function thenWorks(): Promise<void> {
    const { url, told = '' } = await started();
    expect(await status(url, told)).toBe(200);
    expect(await readFile(passwordFile(), 'utf8')).toBe(`${told}\n`);
  }

  slow('because the port is taken makes nobody, and the next one tells the password', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    await failsWith({ BERTH_PORT: String((other.address() as AddressInfo).port) }, /already in use/);
    other.close();
    await thenWorks();
  });

  slow('because the address is not of this machine', async () => {
    await failsWith({ BERTH_HOST: '192.0.2.1' }, /BERTH_HOST 192\.0\.2\.1 is not an address of this machine/);
    await thenWorks();
  });

  slow('because the certificate is of another key', async () => {
    await mkdir(join(directory, 'other'));
    const { BERTH_TLS_CERT } = await writeCertificate(directory);
    const { BERTH_TLS_KEY } = await writeCertificate(join(directory, 'other'));
    await failsWith({ BERTH_TLS_CERT, BERTH_TLS_KEY }, /is not the key of/);
    await thenWorks();
  });

  it.each([
    [{ BERTH_ADMIN_PASSWORD: 'admin123' }, /BERTH_ADMIN_PASSWORD is refused/],
    [{ BERTH_ADMIN_USERNAME: 'not a name' }, /BERTH_ADMIN_USERNAME is refused/],
  ])(
    'because of %p',
    async (env, reason) => {
      await failsWith(env, reason);
      await thenWorks();
    },
    patience,
  );

  slow('because the password of a file is not in UTF-8: nobody could type what is left of it', async () => {
    const file = join(directory, 'password');
    await writeFile(file, Buffer.from('p\u00e4ssword-1234', 'latin1'), { mode: 0o600 });
    await failsWith({ BERTH_ADMIN_PASSWORD_FILE: file }, /BERTH_ADMIN_PASSWORD_FILE: expected text in UTF-8\.$/);
    await writeFile(file, `\ufeff${mine}\r\n`, { mode: 0o600 }); // as editors on Windows save it
    const { url } = await started({ BERTH_ADMIN_PASSWORD_FILE: file });
    expect(await status(url, mine)).toBe(200);
  });

  slow('because the password cannot be kept', async () => {
    await mkdir(passwordFile(), { recursive: true, mode: 0o700 });
    await chmod(dataDir, 0o700);
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect([code, accounts()]).toEqual([1, 0]);
    expect(said).toBe(`The generated password cannot be kept in ${passwordFile()} (EISDIR).`);
    await rm(passwordFile(), { recursive: true });
    await thenWorks();
  });

  it.each(['initial-password.new', 'initial-password', 'berth.sock'])(
    'because it is killed as soon as it makes %s',
    async (name) => {
      await mkdir(dataDir, { mode: 0o700 });
      const watcher = watch(dataDir);
      const made = new Promise<void>((resolve) => watcher.on('change', (_, at) => at === name && resolve()));
      const child = launch();
      await made;
      child.signal('SIGKILL');
      await child.ended;
      watcher.close();
      const next = await started();
      const kept = (await readFile(passwordFile(), 'utf8')).trim();
      expect([await status(next.url, kept), next.child.output.includes(passwordFile())]).toEqual([200, true]);
    },
    patience,
  );
});

describe('two first starts at once', () => {
  slow('on one directory: one makes the account and tells its password, the other tells none', async () => {
    const both = [launch(), launch()];
    const [code, one] = await Promise.race(both.map(async (child) => [await child.ended, child] as const));
    expect(code).toBe(1);
    expect(one.output).toContain('Another Berth is already running');
    const winner = both.find((child) => child !== one);
    const [line] = (await winner?.waitFor(/^.*"msg":"listening".*$/m)) ?? [''];
    const [, told = ''] = (await winner?.waitFor(/with the password\s+(\S{20,})/)) ?? [];
    expect(await status(new URL(JSON.parse(line).url).origin, told)).toBe(200);
    expect(one.output).not.toContain('with the password');
    expect(accounts()).toBe(1);
  });

  slow('on one port: the one that came too late has no account', async () => {
    const { url } = await started();
    const { code } = await refusedStart({ BERTH_DATA_DIR: join(directory, 'late'), BERTH_PORT: new URL(url).port });
    expect([code, (await readdir(join(directory, 'late'))).includes('initial-password')]).toEqual([1, false]);
  });
});

describe('the generated password', () => {
  slow('stands in a file of its owner alone; every start tells where and never what, until it is changed', async () => {
    const { child, told = '' } = await started();
    expect((await lstat(passwordFile())).mode & 0o777).toBe(0o600);
    expect(child.output).toContain(passwordFile());
    await child.stop();
    for (let start = 0; start < 2; start++) {
      const again = await started({ BERTH_ADMIN_PASSWORD: mine });
      expect(again.child.output).toContain(passwordFile());
      expect(again.child.output).not.toContain(told);
      expect(await status(again.url, told)).toBe(200);
      await again.child.stop();
    }
  });

  it.each([
    'changed by its owner',
    'reset over the socket',
    'reset on the stopped directory',
    'removed with its account',
  ])(
    'goes with its file when it is %s, and no start brings one back',
    async (how) => {
      const { child, url, told = '' } = await started();
      if (how === 'changed by its owner') {
        const headers = { 'content-type': 'application/json' };
        const login = JSON.stringify({ username: 'admin', password: told });
        const answer = await send(url, '/api/v1/auth/login', { method: 'POST', headers, body: login });
        const { accessToken } = JSON.parse(answer.body.toString());
        const changed = await send(url, '/api/v1/auth/password', {
          method: 'PUT',
          headers: { ...headers, authorization: `Bearer ${accessToken}` },
          body: JSON.stringify({ currentPassword: told, newPassword: mine }),
        });
        expect(changed.status).toBeLessThan(300);
      }
      if (how === 'reset on the stopped directory') await child.stop();
      if (how.startsWith('reset')) {
        const reset = ['admin', 'reset-password', '--password-stdin', '--data-dir', dataDir];
        expect(await berth(reset, { input: mine })).toMatchObject({ code: 0 });
      }
      if (how === 'removed with its account') {
        const add = ['user', 'create', 'ann', '--role', 'admin', '--password-stdin', '--data-dir', dataDir];
        expect(await berth(add, { input: mine })).toMatchObject({ code: 0 });
        expect(await berth(['user', 'delete', 'admin', '--yes', '--data-dir', dataDir])).toMatchObject({ code: 0 });
      }
      expect(existsSync(passwordFile())).toBe(false);
      await child.stop();
      const next = await started();
      expect(next.child.output).not.toMatch(/initial-password|with the password/);
      expect([existsSync(passwordFile()), await status(next.url, told)]).toEqual([false, 401]);
      if (!how.startsWith('removed')) expect(await status(next.url, mine)).toBe(200);
    },
    patience,
  );

  slow('is not told of by a file that opens nothing: the next start takes it away', async () => {
    await (await started({ BERTH_ADMIN_PASSWORD: mine })).child.stop();
    expect(existsSync(passwordFile())).toBe(false);
    await writeFile(passwordFile(), 'of-an-older-installation\n', { mode: 0o600 });
    const { child, url } = await started();
    expect([existsSync(passwordFile()), child.output.includes('initial-password')]).toEqual([false, false]);
    expect(await status(url, mine)).toBe(200);
  });

  slow('is not made anew when somebody took the file away', async () => {
    const first = await started();
    await first.child.stop();
    await rm(passwordFile());
    const { child, url } = await started();
    expect([existsSync(passwordFile()), child.output.includes('with the password')]).toEqual([false, false]);
    expect(await status(url, first.told ?? '')).toBe(200);
  });

  slow('is written through no link, and read through none', async () => {
    await mkdir(dataDir, { mode: 0o700 });
    const victim = join(directory, 'victim');
    await writeFile(victim, 'precious');
    for (const name of ['initial-password', 'initial-password.new']) await symlink(victim, join(dataDir, name));
    const { child, told } = await started();
    await child.stop();
    expect(await readFile(victim, 'utf8')).toBe('precious');
    expect((await lstat(passwordFile())).isFile()).toBe(true);
    await rm(passwordFile());
    await writeFile(victim, `${told}\n`, { mode: 0o600 });
    await symlink(victim, passwordFile());
    const { code, said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect([code, said]).toEqual([
      1,
      `The file ${passwordFile()} cannot be used: it is a link, which is not followed.`,
    ]);
  });

  slow('that others can read stops the start', async () => {
    await (await started()).child.stop();
    await chmod(passwordFile(), 0o644);
    const { said } = await refusedStart({ BERTH_DATA_DIR: dataDir });
    expect(said).toMatch(/initial-password cannot be used: it can be read by other users; run "chmod 600" on it\.$/);
  });
});
