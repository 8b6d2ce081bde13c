import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { run } from '../support/child.js';

/** Both read .env of the folder they are installed in, so they get one of their own. */
describe('a .env that is no file of settings', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-env-'));
    for (const name of ['package.json', 'scripts', 'dist/bundle'])
      await cp(join(projectRoot(), name), join(root, name), { recursive: true });
    await symlink(join(projectRoot(), 'node_modules'), join(root, 'node_modules'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  afterEach(() => rm(join(root, '.env'), { recursive: true, force: true }));

  const node = (script: string, ...args: string[]) =>
    run(process.execPath, [join(root, script), ...args], { env: { PATH: process.env.PATH }, timeoutMs: 30_000 });

  it.each<[string, (file: string) => unknown]>([
    ['a pipe', (file) => execFileSync('mkfifo', [file])],
    ['a folder', (file) => mkdir(file)],
    ['huge', (file) => writeFile(file, Buffer.alloc(2_000_000, '#'))],
  ])('stops "npm start" and the command with a sentence: %s', async (_, make) => {
    const file = join(root, '.env');
    await make(file);
    expect(await node('scripts/start.mjs')).toMatchObject({
      code: 1,
      stderr: `${file} is not a file of settings.\n`,
    });
    const { code, stderr } = await node('dist/bundle/cli.js', 'user', 'list');
    expect([code, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toMatch(
      /^berth: Berth cannot start: \S+\.env cannot be read \(it (is not a file|has 2000000 bytes).*\)\.$/m,
    );
  });

  it('is read by the command, below the environment', async () => {
    await writeFile(join(root, '.env'), 'BERTH_URL=ftp://nowhere\nBERTH_TOKEN=x\n');
    const { stderr } = await node('dist/bundle/cli.js', 'user', 'list');
    expect(stderr).toBe('berth: the address of a server begins with https:// or http://\n');
  });
});
