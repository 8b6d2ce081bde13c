/**
 * `npm run build`: TypeScript → dist/, one bundle per entry → dist/bundle/, views → views.js beside both.
 *
 * Nothing is done when no input changed since the last build that finished. Two builds of the same tree wait for each
 * other, and every file of dist/bundle/ appears by rename, so a program that starts meanwhile never reads half a file.
 * The *output* of tsc is bundled, because esbuild does not emit the decorator metadata that dependency injection needs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, takeTurn } from './turn.mjs';

const dist = join(root, 'dist');
const bundleDirectory = join(dist, 'bundle');
const stampFile = join(dist, '.build-stamp');

/** Native code stays where npm put it. */
export const nativeModules = ['better-sqlite3', 'bcrypt'];

/** CommonJS packages inside an ES module bundle still expect these three names. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('');

function filesBelow(directory, extension) {
  const absolute = join(root, directory);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(absolute, name))
    .sort();
}

/** The server, the `berth` command, and what that loads when no server runs. */
const programs = ['main', 'cli', 'local-app'];
const workerSources = () => filesBelow('src', '-worker.ts');
const views = () => filesBelow('views', '.hbs');

/** Every input by path, size and time of change: cheap enough (a few milliseconds) to ask on every start. */
function fingerprint() {
  const inputs = [
    ...['src', 'migrations', 'test', 'bench'].flatMap((directory) => filesBelow(directory, '.ts')),
    ...views(),
    ...['package.json', 'tsconfig.json', 'scripts/build.mjs', 'node_modules/.package-lock.json'].map((f) =>
      join(root, f),
    ),
  ];
  const hash = createHash('sha256').update(process.version);
  for (const file of inputs) {
    const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { size: -1, mtimeMs: 0 };
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** True when the last finished build saw exactly today's inputs and its main output still exists. */
export function isFresh() {
  if (!existsSync(stampFile) || !existsSync(join(bundleDirectory, 'main.js'))) return false;
  return readFileSync(stampFile, 'utf8') === fingerprint();
}

/** @returns {boolean} whether the types hold; the output is written either way. */
function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Optional drivers of Nest and TypeORM that are not installed stay plain imports, which those packages expect to fail. */
const absentPackages = {
  name: 'absent-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async (args) => {
      if (args.pluginData === 'asked' || args.kind === 'entry-point') return undefined;
      const { path, errors } = await build.resolve(args.path, {
        kind: args.kind,
        importer: args.importer,
        resolveDir: args.resolveDir,
        pluginData: 'asked',
      });
      return path === '' || errors.length > 0 ? { path: args.path, external: true } : undefined;
    });
  },
};

/** One program loads another from beside it when it needs it, instead of carrying it. */
const lazyPrograms = {
  name: 'lazy-programs',
  setup(build) {
    build.onResolve({ filter: /^\.\/local-app\.js$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/**
 * Parts of packages that are loaded with them and never used here: TypeORM's other databases, what class-validator can
 * check of phone numbers, taxes and alphabets, Nest's form uploads, the tables of body-parser's Asian encodings (bodies
 * are UTF-8). Left out they save a fifth of the memory at rest and a tenth of what is compiled at each start; used after
 * all, they throw.
 */
const unusedParts = {
  name: 'unused-parts',
  setup(build) {
    const other =
      'aurora|capacitor|cockroach|cordova|expo|mongodb|mysql|nativescript|oracle|postgres|react|sap|spanner|sqljs|sqlserver';
    const files = [
      `typeorm/driver/(${other})[^/]*/\\w+\\.js`,
      'libphonenumber-js/.*js',
      'validator/lib/(alpha|is\\w+)\\.js',
      'multer/.*js',
      'iconv-lite/encodings/tables/.*json',
    ];
    const contents = `
      const leftOut = class { constructor() { throw new Error('this part was left out of the bundle (scripts/build.mjs)'); } };
      module.exports = new Proxy({}, { get: (_, name) => (name === '__esModule' ? true : leftOut) });`;
    const used = /validator\/lib\/is(ByteLength|Email|FQDN|IP|Length)\.js$/;
    build.onLoad({ filter: new RegExp(`node_modules/(${files.join('|')})$`) }, ({ path }) =>
      used.test(path) ? undefined : { contents, loader: 'js' },
    );
  },
};

async function bundle() {
  const { build } = await import('esbuild');
  const entries = [...programs.map((name) => join(root, 'src', `${name}.ts`)), ...workerSources()].filter((file) =>
    existsSync(file),
  );
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((file) => ({
      in: join(dist, relative(root, file)).replace(/\.ts$/, '.js'),
      out: basename(file, '.ts'),
    })),
    outdir: bundleDirectory,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200, // or the line that an uncaught error shows would be the whole program
    legalComments: 'none',
    external: nativeModules,
    plugins: [lazyPrograms, absentPackages, unusedParts],
    banner: { js: banner },
    logLevel: 'warning',
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  chmodSync(join(bundleDirectory, 'cli.js'), 0o755);
}

/**
 * Every view as a precompiled template in one module, `export const templates = { 'repositories/show': … }`, so that
 * the running program never compiles text to code, and without the white space that only readers of views/ need. An
 * unknown helper or broken syntax stops the build.
 */
async function precompileViews() {
  const files = views();
  if (files.length === 0) return;
  const { default: Handlebars } = await import('handlebars');
  const compiled = (file) => import(pathToFileURL(join(dist, 'src', 'web', file)).href);
  const { knownHelpers } = await compiled('known-helpers.js');
  const { compactTemplate } = await compiled('rendering/compact-template.js');
  const options = {
    strict: true,
    knownHelpers: Object.fromEntries(knownHelpers.map((name) => [name, true])),
    knownHelpersOnly: true,
  };
  const entries = files.map((file) => {
    const name = relative(join(root, 'views'), file).slice(0, -'.hbs'.length).split(sep).join('/');
    const written = readFileSync(file, 'utf8');
    try {
      Handlebars.precompile(written, options); // as it was written, so that what is wrong is told by its line
      return `${JSON.stringify(name)}: ${Handlebars.precompile(compactTemplate(written), options)}`;
    } catch (error) {
      throw new Error(`views/${name}.hbs: ${error.message}`);
    }
  });
  const module = `export const templates = {\n${entries.join(',\n')}\n};\n`;
  for (const directory of [dist, bundleDirectory]) replaceFile(join(directory, 'views.js'), module);
}

function replaceFile(path, contents) {
  mkdirSync(join(path, '..'), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Builds when something changed. @returns {Promise<boolean>} whether there was anything to do */
export async function build() {
  if (isFresh()) return false;
  await takeTurn('build');
  if (isFresh()) return false;
  const before = fingerprint();
  console.log('build: compiling the sources');
  const typesHold = compile();
  console.log('build: bundling the programs');
  await bundle();
  console.log('build: compiling the pages');
  await precompileViews();
  if (!typesHold) throw new Error('the TypeScript compiler reported errors');
  replaceFile(stampFile, before);
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = performance.now();
  try {
    const done = await build();
    console.log(done ? `build: done in ${((performance.now() - started) / 1000).toFixed(1)} s` : 'build: up to date');
  } catch (error) {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
