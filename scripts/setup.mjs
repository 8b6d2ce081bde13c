/**
 * What `npm start`, `npm test` and `npm run bench` do first: check Node, install packages, build. Imports nothing but
 * Node itself, because it runs before node_modules exists.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isFresh, root } from './build.mjs';

const modules = join(root, 'node_modules');

/** One plain sentence on stderr and the end of the program. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Berth needs Node 20.19 or newer, and this is ${process.versions.node} (${process.execPath}).`);
}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** True when every package of the lock file is installed in the version it names. */
function isInstalled() {
  const wanted = join(root, 'package-lock.json');
  const present = join(modules, '.package-lock.json');
  if (!existsSync(present)) return false;
  if (statSync(present).mtimeMs >= statSync(wanted).mtimeMs) return true;
  const installed = readJson(present).packages;
  return Object.entries(readJson(wanted).packages).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}

function isWritable(directory) {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const isOnPath = (command) =>
  (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, command)));

/** The compiler is only needed where no prebuilt binary of a native package can be downloaded. */
function missingCompilerParts() {
  const missing = [];
  if (!isOnPath('python3')) missing.push('python3');
  if (!isOnPath('make')) missing.push('make');
  if (!['g++', 'c++', 'clang++'].some(isOnPath)) missing.push('g++');
  return missing;
}

function install() {
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail('node_modules is a symbolic link and does not match package-lock.json. Run "npm ci" where it points to.');
  }
  console.log('Installing packages. The first time this takes a minute or two.');
  const environment = { ...process.env };
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, 'include', 'node', 'node.h'))) environment.npm_config_nodedir ??= prefix;

  // A service account often has no home; npm and node-gyp both want to write below it.
  const home = homedir();
  const borrowed =
    home !== '' && isWritable(join(home, '.npm')) ? undefined : mkdtempSync(join(tmpdir(), 'berth-npm-'));
  if (borrowed) Object.assign(environment, { HOME: borrowed, npm_config_cache: join(borrowed, 'cache') });

  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command, ...first] = npm;
  const { status, error } = spawnSync(command, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  if (borrowed) rmSync(borrowed, { recursive: true, force: true });
  if (status === 0) return;
  if (error) fail(`npm could not be run: ${error.message}.`);
  const missing = missingCompilerParts();
  if (missing.length === 0) fail('Installing the packages failed; npm says why above.');
  fail(
    `Installing the packages failed. If npm tried to compile better-sqlite3 above: this machine lacks ${missing.join(', ')} ` +
      `(Debian and Ubuntu: apt-get install ${missing.join(' ')}).`,
  );
}

/** After this the program in dist/bundle is the one the sources describe. The builder's memory goes with its process. */
export function setUp() {
  checkNode();
  if (!isInstalled()) install();
  if (isFresh()) return;
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('The build failed; it says why above.');
}
