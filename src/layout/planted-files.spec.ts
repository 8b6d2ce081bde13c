import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LayoutReader } from './layout-reader.js';
import type { MirrorProblem } from './mirror.js';
import { LeadsElsewhere, MirrorFiles } from './mirror-files.js';

const link = 'docker/registry/v2/repositories/app/_manifests/tags/1/current/link';
const digest = `sha256:${'ab'.repeat(32)}`;

let directory: string;
let victim: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-layout-'));
  victim = join(directory, 'secret.key');
  await writeFile(victim, 'precious', { mode: 0o600 });
  await mkdir(dirname(join(directory, link)), { recursive: true });
});
afterEach(() => rm(directory, { recursive: true }));

const at = (path: string) => join(directory, path);

describe('the mirror', () => {
  const written = async () => {
    const files = new MirrorFiles(directory);
    files.write(link, digest);
    files.sync();
    expect(await readFile(victim, 'utf8')).toBe('precious');
    expect((await lstat(at(link))).isFile()).toBe(true);
    return await readFile(at(link), 'utf8');
  };

  test.each<[string, (path: string) => Promise<unknown> | unknown]>([
    ['a link to a key', (path) => symlink(victim, path)],
    ['a link to nothing', (path) => symlink(at('nowhere'), path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ])('writes over %s, not through it, in either place', async (_, plant) => {
    await plant(at(`${link}.new`));
    expect(await written()).toBe(digest);
    await rm(at(link));
    await plant(at(link));
    expect(await written()).toBe(digest);
  });

  test('leaves a file that a link of the right content leads to, and the link is a file again', async () => {
    await writeFile(at('same'), digest);
    await symlink(at('same'), at(link));
    expect(await written()).toBe(digest);
  });

  test('tells of a name that is too long for this file system, and goes on', () => {
    const files = new MirrorFiles(directory);
    const long = `docker/registry/v2/repositories/${'a'.repeat(300)}`;
    expect(() => files.write(`${long}/link`, digest)).toThrow(LeadsElsewhere);
    files.remove(`${long}/_layers`);
    files.remove(long);
    files.removeEmpty(long, 'docker/registry/v2/repositories');
    files.write(link, digest);
    files.sync();
  });

  test('tells of a folder in the place of a file and of a link in the place of a folder, and goes on', async () => {
    await mkdir(join(at(link), 'full'), { recursive: true });
    const files = new MirrorFiles(directory);
    expect(() => files.write(link, digest)).toThrow(LeadsElsewhere);
    await symlink(at('nowhere'), at('docker/registry/v2/repositories/gone'));
    expect(() => files.write('docker/registry/v2/repositories/gone/link', digest)).toThrow(LeadsElsewhere);
    await writeFile(at('docker/registry/v2/repositories/file'), '');
    expect(() => files.write('docker/registry/v2/repositories/file/link', digest)).toThrow(LeadsElsewhere);
  });

  test('removes a link to nothing', async () => {
    await symlink(at('nowhere'), at(link));
    new MirrorFiles(directory).remove(link);
    await expect(lstat(at(link))).rejects.toThrow('ENOENT');
  });
});

test.each([
  ['the tag', dirname(link)],
  ['its folder', dirname(dirname(link))],
  ['its repository', 'docker/registry/v2/repositories/app/_manifests'],
  ['everything', 'docker/registry/v2/repositories'],
])('the reader follows no link in the place of %s, and says so', async (_, path) => {
  await writeFile(at(link), digest);
  const elsewhere = at('elsewhere');
  execFileSync('mv', [at(path), elsewhere]);
  await symlink(elsewhere, at(path));
  const problems: MirrorProblem[] = [];
  const reader = new LayoutReader(directory, (problem) => problems.push(problem));
  const found: string[] = [];
  for await (const name of reader.repositories()) for await (const { tag } of reader.tags(name)) found.push(tag);
  expect([found, problems.length]).toEqual([[], 1]);
  expect(problems[0]?.reason).toMatch(/^it is (not a folder|reached through a link)$/);
});
