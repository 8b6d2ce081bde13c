import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { mustRun, type Ran, run } from '../support/child.js';

/** Node was upgraded below an installation, or an installation was copied to another machine. */
let root: string;
let npm: string;
const addon = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'berth-other-node-'));
  const modules = ['better-sqlite3', 'bindings', 'file-uri-to-path', 'bcrypt', 'node-gyp-build'];
  const needed = ['package.json', 'package-lock.json', 'scripts', 'dist/bundle', 'public', 'locales'];
  for (const name of [...needed, ...modules.map((module) => `node_modules/${module}`)]) {
    await cp(join(projectRoot(), name), join(root, name), { recursive: true });
  }
  await cp(join(projectRoot(), 'node_modules/.package-lock.json'), join(root, 'node_modules/.package-lock.json'));
  await writeFile(join(root, 'foreign.c'), foreignAddon);
  const library = ['-shared', '-fPIC', '-Wl,-z,nodelete', '-o', join(root, 'foreign.node')];
  await mustRun('g++', [...library, '-x', 'c', join(root, 'foreign.c')]);
  npm = join(root, 'npm.cjs');
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** What the loader of Node reads of an addon, made for an ABI that no Node has. Like the real one, it stays in a process that tried it. */
const foreignAddon = `
  struct node_module { int version; unsigned flags; void *dso; const char *file; void *a, *b; const char *name; void *c, *d; };
  extern void node_module_register(void *);
  static struct node_module module = { 999, 0, 0, "foreign.c", 0, 0, "better_sqlite3", 0, 0 };
  __attribute__((constructor)) static void load(void) { node_module_register(&module); }
  void node_register_module_v999(void) {}
`;

/** Stands for npm: writes down what it was asked and, unless it fails, puts the module of this Node there. */
async function useNpm({ fails = false } = {}): Promise<void> {
  const module = join(projectRoot(), addon);
  const install = `fs.mkdirSync(${JSON.stringify(join(root, addon, '..'))}, { recursive: true });
    fs.copyFileSync(${JSON.stringify(module)}, ${JSON.stringify(join(root, addon))});`;
  const clean = `fs.rmSync(${JSON.stringify(join(root, 'node_modules/better-sqlite3/build'))}, { recursive: true });`;
  await writeFile(
    npm,
    `const fs = require('node:fs');
    fs.appendFileSync(${JSON.stringify(join(root, 'asked'))}, process.argv.slice(2).join(' ') + '\\n');
    const { CXXFLAGS, npm_config_build_from_source, npm_config_nodedir } = process.env;
    fs.writeFileSync(${JSON.stringify(join(root, 'compiled-with'))}, [CXXFLAGS, npm_config_build_from_source].join(' '));
    fs.writeFileSync(${JSON.stringify(join(root, 'headers'))}, npm_config_nodedir ?? '');
    ${clean} ${fails ? 'process.exitCode = 1;' : install}`,
  );
  await rm(join(root, 'asked'), { force: true });
}

/** The step of \`npm start\` that installs, alone: nothing here could build. */
function installModules(settingsOfNpm: Record<string, string> = {}): Promise<Ran> {
  const program = `(await import(${JSON.stringify(join(root, 'scripts/setup.mjs'))})).installModules()`;
  return run(process.execPath, ['--input-type=module', '--eval', program], {
    env: { PATH: process.env.PATH, npm_execpath: npm, ...settingsOfNpm },
  });
}

const asked = () => readFile(join(root, 'asked'), 'utf8').catch(() => '');

async function install(bytes: Buffer): Promise<void> {
  await mkdir(join(root, addon, '..'), { recursive: true });
  await rm(join(root, addon), { force: true });
  await writeFile(join(root, addon), bytes);
}

const foreign = () => readFile(join(root, 'foreign.node'));

test('modules of this Node are left alone', async () => {
  await useNpm();
  expect(await installModules()).toMatchObject({ code: 0, stdout: '' });
  expect(await asked()).toBe('');
});

test('modules of another Node are installed anew, and nothing else is', async () => {
  await useNpm();
  await install(await foreign());
  const { code, stdout } = await installModules();
  expect([code, await asked()]).toEqual([0, 'rebuild better-sqlite3 bcrypt\n']);
  expect(stdout).toContain(`not for this Node (${process.version})`);
  expect((await installModules()).stdout).toBe('');
});

test('modules of another machine are installed anew, all of them', async () => {
  await useNpm();
  await install(Buffer.from('\u007fELF of something else'));
  expect((await installModules()).code).toBe(0);
  expect(await asked()).toMatch(/^ci .*\n$/);
});

test('one that was compiled as Node 24.19 and newer end a process is compiled anew, and otherwise', async () => {
  await useNpm();
  await install(Buffer.from('\u007fELF that imports RemoveEnvironmentCleanupHook, and must not be loaded to see that'));
  expect((await installModules()).code).toBe(0);
  expect(await asked()).toBe('rebuild better-sqlite3 bcrypt\n');
  expect(await readFile(join(root, 'compiled-with'), 'utf8')).toBe(
    `-include "${join(root, 'scripts/object-wrap.h')}" true`,
  );
});

test.each([
  ['another Node’s are passed over', '1', false],
  ['this Node’s are taken', process.versions.modules, true],
])('of headers that npm was told of, %s', async (_, abi, taken) => {
  await useNpm();
  await install(await foreign());
  const headers = await mkdtemp(join(root, 'node-'));
  await mkdir(join(headers, 'include', 'node'), { recursive: true });
  await writeFile(join(headers, 'include', 'node', 'node_version.h'), `#define NODE_MODULE_VERSION ${abi}\n`);
  expect((await installModules({ npm_config_nodedir: headers })).code).toBe(0);
  const used = await readFile(join(root, 'headers'), 'utf8');
  if (taken) expect(used).toBe(headers);
  else expect(['', dirname(dirname(process.execPath))]).toContain(used);
});

test('two starts at once install once', async () => {
  await useNpm();
  await install(await foreign());
  const both = await Promise.all([installModules(), installModules()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(await asked()).toBe('rebuild better-sqlite3 bcrypt\n');
});

test('where that fails, one sentence says so, and the Node before can still run', async () => {
  await useNpm({ fails: true });
  const before = await foreign();
  await install(before);
  const { code, stderr } = await installModules();
  expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
  expect(stderr).toMatch(/^The native modules could not be installed for Node v/);
  expect((await readFile(join(root, addon))).equals(before)).toBe(true);
});

test.each([
  ['the server', ['dist/bundle/main.js']],
  ['the command', ['dist/bundle/cli.js', 'user', 'list']],
])('%s, started without that step, names the module and not the data directory', async (_, program) => {
  await install(await foreign());
  const dataDir = join(root, 'data');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(join(dataDir, 'berth.db'), '');
  const [file = '', ...rest] = program;
  const env = { PATH: process.env.PATH, BERTH_DATA_DIR: dataDir, BERTH_PORT: '0' };
  const { code, stderr } = await run(process.execPath, [join(root, file), ...rest], { env });
  expect(code).toBeGreaterThan(0);
  expect(stderr).toBe(
    `${file.endsWith('cli.js') ? 'berth: ' : ''}The module better-sqlite3 cannot be loaded: it was installed for another ` +
      `version of Node than this one (${process.version}). "npm start" installs what fits.\n`,
  );
});
