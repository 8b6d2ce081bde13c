/**
 * `node scripts/vendor.mjs`: copies what browsers load from npm packages into public/vendor, each with its licences.
 * Run it after changing a version here; the copies are committed, so nothing is fetched to install, build or run.
 * htmx is an installed package. Swagger UI and ReDoc would bring much that nobody needs: of these only the package file is
 * fetched, by exact version and checksum.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'public', 'vendor');

const installed = {
  'htmx.org/dist/htmx.min.js': 'htmx.js',
  'htmx.org/LICENSE': 'htmx.LICENSE',
};

const fetched = [
  {
    name: 'swagger-ui-dist@5.35.0',
    integrity: 'sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==',
    files: { 'swagger-ui-bundle.js': 'swagger-ui.js', 'swagger-ui.css': 'swagger-ui.css' },
    licences: { from: ['NOTICE', 'LICENSE', 'swagger-ui-bundle.js.LICENSE.txt'], to: 'swagger-ui.LICENSE' },
  },
  {
    name: 'redoc@2.5.4',
    integrity: 'sha512-M6jWhG1qoBnH6TFmzJnstyCZ87HmOY/UzDm78mHiYihEdlV/YcS9ogOo1NlElnJMeLsyxHFe2yFc4sNjHTrABQ==',
    files: { 'bundles/redoc.standalone.js': 'redoc.js' },
    licences: {
      from: [
        'LICENSE',
        'bundles/redoc.standalone.js.LICENSE.txt',
        'bundles/d87bcbdbea8f8f5aa26f.worker.js.LICENSE.txt',
      ],
      to: 'redoc.LICENSE',
    },
    /** A picture it would load from elsewhere. */
    without: /n\.createElement\("img",\{[^{}]*src:"https:\/\/cdn\.redoc\.ly\/[^"]*"\}\)/,
  },
];

mkdirSync(target, { recursive: true });
for (const [from, to] of Object.entries(installed)) copyFileSync(join(root, 'node_modules', from), join(target, to));
for (const one of fetched) vendor(one);

function vendor({ name, integrity, files, licences, without }) {
  const directory = mkdtempSync(join(tmpdir(), 'vendor-'));
  try {
    const archive = execFileSync('npm', ['pack', '--silent', name], { cwd: directory, encoding: 'utf8' }).trim();
    const bytes = readFileSync(join(directory, archive));
    const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name} is not the file that was looked at: ${found}`);
    execFileSync('tar', ['-xzf', archive], { cwd: directory });
    const read = (file) => readFileSync(join(directory, 'package', file), 'utf8');
    for (const [from, to] of Object.entries(files)) writeFileSync(join(target, to), plain(read(from), from, without));
    writeFileSync(join(target, licences.to), licences.from.map(read).join('\n'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Without the pointer to a source map that is not there, and without what must not be loaded. */
function plain(text, file, without) {
  const alone = text.replace(/\n*(?:\/\/|\/\*)# sourceMappingURL=\S*?(?:\*\/)?\s*$/, '\n');
  if (without === undefined) return alone;
  const rest = alone.replace(without, 'null');
  if (rest === alone) throw new Error(`${file} no longer has what had to be taken out of it`);
  return rest;
}
