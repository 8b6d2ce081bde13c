/**
 * What `npm start`, `npm test` and `npm run bench` do first: check Node, install packages for this Node, build. Imports
 * nothing but Node itself, because it runs before node_modules exists.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isFresh, nativeModules } from './build.mjs';
import { root, takeTurn } from './turn.mjs';

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

const compiledSqlite = join(modules, 'better-sqlite3', 'build');

/**
 * What the compiled better-sqlite3 says of itself, undefined where there is none. It is not loaded: a process cannot get rid of one
 * again, and would take it for the one that is installed in its place.
 * @returns {{ unsafe: boolean, otherAbi: boolean } | undefined}
 */
function readSqlite() {
  const addon = join(compiledSqlite, 'Release', 'better_sqlite3.node');
  if (!existsSync(addon)) return undefined;
  const bytes = readFileSync(addon);
  const entry = 'node_register_module_v'; // of a function, with the ABI behind it
  return {
    // Compiled without object-wrap.h for a Node where that ends the process sooner or later: only then it imports this symbol.
    unsafe: bytes.includes('RemoveEnvironmentCleanupHook'),
    otherAbi: bytes.includes(entry) && !bytes.includes(`${entry}${process.versions.modules}\0`),
  };
}

/**
 * Why native code that is installed is of no use here, else undefined. It is made for one system, one processor and, unlike
 * everything else there, for one ABI of Node.
 * @returns {{ name: string, reason: string, otherNode: boolean } | undefined}
 */
function misfit() {
  const { unsafe, otherAbi } = readSqlite() ?? {};
  const reason = unsafe ? `it would crash on Node ${process.version}` : 'it was compiled for another version of Node';
  if (unsafe || otherAbi) return { name: 'better-sqlite3', reason, otherNode: true };
  const require = createRequire(join(root, 'package.json'));
  for (const name of nativeModules) {
    try {
      const loaded = require(name);
      if (name === 'better-sqlite3') new loaded(':memory:').close(); // it loads its native part with the first database
    } catch (error) {
      const reason = String(error.message).split('\n')[0];
      return { name, reason, otherNode: /NODE_MODULE_VERSION/.test(error.message) };
    }
  }
  return undefined;
}

/** Whether native modules that are compiled with the headers there, installed ones or those of Node's sources, are of this Node's ABI. */
function hasHeaders(directory) {
  const wanted = new RegExp(`^ *# *define NODE_MODULE_VERSION ${process.versions.modules}$`, 'm');
  return [join('include', 'node'), 'src']
    .map((folder) => join(directory, folder, 'node_version.h'))
    .some((file) => existsSync(file) && wanted.test(readFileSync(file, 'utf8')));
}

/** @returns whether npm succeeded; it has said why when not */
function npm(parameters) {
  const environment = { ...process.env };
  // Under "npm start" npm's own settings are in the environment too, and its nodedir may be another Node's.
  const directories = [environment.npm_config_nodedir || undefined, dirname(dirname(process.execPath))];
  environment.npm_config_nodedir = directories.find((directory) => directory !== undefined && hasHeaders(directory));
  environment.CXXFLAGS = `${environment.CXXFLAGS ?? ''} -include "${join(root, 'scripts', 'object-wrap.h')}"`.trim();
  if (readSqlite()?.unsafe) environment.npm_config_build_from_source = 'true'; // what can be downloaded may be no better

  // A service account often has no home; npm and node-gyp both want to write below it.
  const home = homedir();
  const borrowed =
    home !== '' && isWritable(join(home, '.npm')) ? undefined : mkdtempSync(join(tmpdir(), 'berth-npm-'));
  if (borrowed) Object.assign(environment, { HOME: borrowed, npm_config_cache: join(borrowed, 'cache') });

  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const options = { cwd: root, env: environment, stdio: 'inherit' };
  const { status, error } = spawnSync(command, [...first, ...parameters], options);
  if (borrowed) rmSync(borrowed, { recursive: true, force: true });
  if (error) fail(`npm could not be run: ${error.message}.`);
  return status === 0;
}

/** What npm could not do, and what that most often lacks. */
function failToInstall(what) {
  const missing = missingCompilerParts();
  if (missing.length === 0) fail(`${what}; npm says why above.`);
  fail(
    `${what}. If npm tried to compile better-sqlite3 above: this machine lacks ${missing.join(', ')} ` +
      `(Debian and Ubuntu: apt-get install ${missing.join(' ')}).`,
  );
}

function install() {
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail('node_modules is a symbolic link and does not match package-lock.json. Run "npm ci" where it points to.');
  }
  console.log(
    'Installing packages. The first time this takes a minute or two, and some more where SQLite has to be compiled.',
  );
  if (!npm(['ci', '--include=dev', '--no-audit', '--no-fund'])) failToInstall('Installing the packages failed');
}

/** Native modules alone, for another Node. When that fails the old ones stay, and so does the Node that they are for. */
function reinstallNative() {
  console.log(`The native modules are not for this Node (${process.version}): installing them anew.`);
  const kept = mkdtempSync(join(tmpdir(), 'berth-native-'));
  cpSync(compiledSqlite, join(kept, 'build'), { recursive: true });
  const succeeded = npm(['rebuild', ...nativeModules]);
  const left = misfit();
  const done = succeeded && left === undefined;
  if (!done) {
    rmSync(compiledSqlite, { recursive: true, force: true });
    cpSync(join(kept, 'build'), compiledSqlite, { recursive: true });
  }
  rmSync(kept, { recursive: true, force: true });
  if (succeeded && left !== undefined) fail(`What npm installed is not for Node ${process.version}: ${left.reason}`);
  if (!done) failToInstall(`The native modules could not be installed for Node ${process.version}`);
}

/** Waits while somebody else installs here. @returns whether there was anything to do */
export async function installModules() {
  if (isInstalled() && misfit() === undefined) return false;
  const release = await takeTurn('install');
  if (!isInstalled()) install();
  const found = misfit();
  if (found?.otherNode) reinstallNative();
  else if (found !== undefined) install();
  const left = misfit();
  if (left !== undefined) fail(`The module ${left.name} cannot be loaded: ${left.reason}`);
  release();
  return true;
}

/** An unpacked archive of scripts/pack.mjs: it is ready, and has nothing that could be installed or built. */
function requirePackedModules() {
  const found = misfit();
  if (found === undefined) return;
  const { node, platform, arch } = readJson(join(root, 'package.json')).packed;
  const here = `${process.versions.node} on ${process.platform}-${process.arch}`;
  fail(`This archive was packed for Node ${node} on ${platform}-${arch}, and this is ${here}: ${found.reason}`);
}

/** After this the program in dist/bundle is the one the sources describe. The builder's memory goes with its process. */
export async function setUp() {
  checkNode();
  if (!existsSync(join(root, 'src'))) return requirePackedModules();
  await installModules();
  if (isFresh()) return;
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('The build failed; it says why above.');
}
