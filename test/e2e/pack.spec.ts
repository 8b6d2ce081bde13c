import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { Background, mustRun, run } from '../support/child.js';
import { requireRoot } from '../support/tools.js';

/** What `npm run pack` makes, unpacked on a machine that has Node and npm, and no network, no modules, no sources. */
requireRoot(
  'unshare',
  'tar',
  'npm',
)('a packed Berth', () => {
  let place: string;
  let archive: string;
  let unpacked: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'berth-pack-'));
    env = { PATH: process.env.PATH, HOME: place };
    // By somebody who is not root, and whose files are for everybody.
    const script = `umask 0 && exec unshare --map-user=1234 --map-group=1234 "$@"`;
    const pack = [process.execPath, join(projectRoot(), 'scripts/pack.mjs')];
    const { stdout } = await mustRun('sh', ['-c', script, 'sh', ...pack], { env });
    [archive = ''] = /\S+\.tar\.gz/.exec(stdout) ?? [];
    await mustRun('tar', ['-xzf', archive, '-C', place], { env });
    const [name = ''] = (await readdir(place)).filter((entry) => entry.startsWith('berth-'));
    unpacked = join(place, name);
  }, 120_000);
  afterAll(() => rm(place, { recursive: true, force: true }));

  test('starts with one command and without network, and the command line works beside it', async () => {
    // A namespace of its own has no interface that is up, not even the loopback.
    const started = new Background('unshare', ['--net', 'npm', 'start'], {
      cwd: unpacked,
      env: { ...env, BERTH_PORT: '0', BERTH_LOG_FORMAT: 'json' },
    });
    try {
      await started.waitFor(/"msg":"listening"/, 60_000);
      const [, password] = await started.waitFor(/with the password\s+(\S{20,})/);
      expect(await readFile(join(unpacked, 'data/initial-password'), 'utf8')).toBe(`${password}\n`);
      const users = await run('npx', ['berth', 'user', 'list', '--quiet'], { cwd: unpacked, env });
      expect(users).toMatchObject({ code: 0, stdout: 'admin\n' });
    } finally {
      // The signal is npm's to pass on; a shell between it and Berth would keep it.
      expect(await started.stop()).toBe(0);
      expect(started.output).toContain('"msg":"stopped"');
    }
  }, 120_000);

  test('is root’s where root unpacks it: nobody else can change it, and everybody can run it', async () => {
    const { stdout } = await mustRun('tar', ['--numeric-owner', '-tvzf', archive], { env });
    const entries = stdout.trimEnd().split('\n');
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter((entry) => !/^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) 0\/0 /.test(entry))).toEqual([]);
  });

  test('no document in it links to a file that is not in it', async () => {
    const documents = (await readdir(unpacked, { recursive: true })).filter((name) => name.endsWith('.md'));
    const dead: string[] = [];
    for (const name of documents) {
      const text = await readFile(join(unpacked, name), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g))
        if (!existsSync(join(unpacked, dirname(name), target))) dead.push(`${name}: ${target}`);
    }
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/operations.md']));
    expect(dead).toEqual([]);
  });

  test('holds what is needed and nothing that only builds', async () => {
    expect(await readdir(unpacked)).toEqual(expect.arrayContaining(['README.md', 'README.zh-CN.md', 'LICENSE']));
    const everything = await readdir(unpacked, { recursive: true });
    expect(everything.filter((name) => /\.(ts|map|c|cc|cpp|h|gyp)$|typescript|(^|\/)src\//.test(name))).toEqual([]);
    const notices = await readFile(join(unpacked, 'THIRD-PARTY-LICENSES'), 'utf8');
    for (const name of ['@nestjs/core', 'better-sqlite3', 'typeorm']) expect(notices).toContain(`\n${name} `);
  });
});
