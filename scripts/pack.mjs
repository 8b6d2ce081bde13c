/**
 * `npm run pack`: one archive with the built program and what it needs to run, for this system and this Node. Unpacked on
 * a machine that has Node it starts with `npm start`, and needs no network, no compiler and no build.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fail, setUp } from './setup.mjs';
import { root } from './turn.mjs';

/** Besides the program itself, what people read and use beside it. */
const files = [
  ...['public', 'locales', 'docs', 'README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...['LICENSE', '.env.example', 'nginx.conf'],
  ...['start', 'setup', 'build', 'turn', 'healthcheck'].map((name) => `scripts/${name}.mjs`),
];

/** Modules outside the bundle, and those that they load; compilers and downloaders are not among them. */
const modules = ['better-sqlite3', 'bindings', 'file-uri-to-path', 'bcrypt', 'node-gyp-build'];

/** What of these is used: code, the description and what was compiled for this system. */
const isUsed = (path) =>
  /\/node_modules\/[\w-]+(\/(package\.json|LICENSE[\w.-]*|[\w-]+\.js|lib(\/.*)?|build(\/Release(\/\w+\.node)?)?|prebuilds(\/.*)?))?$/i.test(
    path,
  ) &&
  (!path.includes('/prebuilds/') || path.includes(`/prebuilds/${process.platform}-${process.arch}`));

const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

/** The licences of everything that is in the bundle or beside it, as most of them ask. */
function licences() {
  const packages = Object.entries(readJson('package-lock.json').packages).filter(([path, { dev }]) => path && !dev);
  return packages.flatMap(([path, { version }]) => {
    const directory = join(root, path);
    if (!existsSync(directory)) return [];
    const texts = readdirSync(directory).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
    const title = `${path.replace(/^.*node_modules\//, '')} ${version}`;
    return [[title, ...texts.map((name) => readFileSync(join(directory, name), 'utf8').trim())].join('\n\n')];
  });
}

function stage(directory) {
  const copy = (name, filter = () => true) =>
    cpSync(join(root, name), join(directory, name), { recursive: true, filter });
  for (const name of files) copy(name);
  copy('dist/bundle', (path) => !path.endsWith('.map'));
  for (const name of modules) copy(`node_modules/${name}`, isUsed);

  const { devDependencies, dependencies, overrides, allowScripts, scripts, ...described } = readJson('package.json');
  const { version: node } = process;
  const packed = { node: node.slice(1), platform: process.platform, arch: process.arch };
  const description = { ...described, scripts: { start: scripts.start }, packed };
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
  writeFileSync(join(directory, 'THIRD-PARTY-LICENSES'), `${licences().join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}

/** For everybody to run and for nobody to change, whatever the packer's files are. */
function settleModes(directory) {
  for (const name of ['', ...readdirSync(directory, { recursive: true })]) {
    const path = join(directory, name);
    const found = statSync(path);
    chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

/** How tar says that all is root's: where root unpacks it, the packer's number may be somebody else's. */
function ownedByRoot() {
  const { stdout } = spawnSync('tar', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('bsdtar') ? ['--uid', '0', '--gid', '0'] : ['--owner=0', '--group=0', '--numeric-owner'];
}

if (!existsSync(join(root, 'src'))) fail('This Berth came out of an archive; pack it where its sources are.');
await setUp();
const [major] = process.versions.node.split('.');
const name = `berth-${readJson('package.json').version}-${process.platform}-${process.arch}-node${major}`;
const place = mkdtempSync(join(root, 'dist', '.pack-'));
process.once('exit', () => rmSync(place, { recursive: true, force: true }));
mkdirSync(join(place, name));
stage(join(place, name));
settleModes(join(place, name));
const archive = join(root, 'dist', `${name}.tar.gz`);
const { status, error } = spawnSync('tar', [...ownedByRoot(), '-czf', archive, '-C', place, name], {
  stdio: 'inherit',
});
if (status !== 0) fail(`tar did not make ${archive}${error ? `: ${error.message}` : ''}.`);
console.log(`
  ${archive}

  On a ${process.platform}-${process.arch} machine with Node ${major}:

      tar -xzf ${basename(archive)}
      cd ${name}
      npm start
`);
