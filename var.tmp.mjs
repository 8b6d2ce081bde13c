import { build } from 'esbuild';
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
const banner = /const banner = \[([\s\S]*?)\]\.join/.exec(readFileSync('scripts/build.mjs','utf8'))[1];
const js = eval('[' + banner + ']').join('');
const plug = {name:'a',setup(b){b.onResolve({filter:/^[^./]/}, async (a)=>{ if(a.pluginData==='q'||a.kind==='entry-point')return; const r=await b.resolve(a.path,{kind:a.kind,importer:a.importer,resolveDir:a.resolveDir,pluginData:'q'}); return r.errors.length||!r.path?{path:a.path,external:true}:undefined})}};
const drivers = { name: 'd', setup(b) { b.onLoad({ filter: /typeorm\/driver\/(aurora|cockroach|mongodb|mysql|oracle|postgres|react|sap|spanner|sqljs|sqlserver|expo|cordova|capacitor|nativescript)[^/]*\/[^/]*\.js$/ }, () => ({ contents: 'module.exports = new Proxy({ __esModule: true }, { get: (t, k) => (t[k] ??= class {}) });', loader: 'js' })); } };
const stub = { name: 's', setup(b) { b.onLoad({ filter: /node_modules\/(libphonenumber-js|multer)\/.*\.(c|m)?js$/ }, (a) => ({ contents: 'module.exports = new Proxy(function(){}, { get: (t, k) => k === "__esModule" ? false : (t[k] ??= function () {}) });', loader: 'js' })); } };
async function v(name, o, ...p) {
  mkdirSync(`dist/${name}`, { recursive: true });
  const opts = { bundle: true, platform: 'node', format: 'esm', target: 'node20', external: ['better-sqlite3','bcrypt'], banner: { js }, legalComments: 'none', keepNames: true, logLevel: 'error', plugins: [plug, ...p], outdir: `dist/${name}`, ...o, entryPoints: [{ in: 'dist/src/main.js', out: 'main' }, { in: 'dist/src/database/checkpoint-worker.js', out: 'checkpoint-worker' }, { in: 'dist/src/users/hash-worker.js', out: 'hash-worker' }] };
  await build(opts);
}
await v('v-base', {});
await v('v-nokeep', { keepNames: false });
await v('v-min', { minifyWhitespace: true, minifySyntax: true });
await v('v-minall', { minifyWhitespace: true, minifySyntax: true, minifyIdentifiers: true });
await v('v-drv', { minifyWhitespace: true, minifySyntax: true }, drivers);
await v('v-drvstub', { minifyWhitespace: true, minifySyntax: true }, drivers, stub);
