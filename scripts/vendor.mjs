/**
 * `node scripts/vendor.mjs`: copies what browsers load from installed packages into public/vendor, with its licence.
 * Run it after changing the version of such a package; the copies are committed, so nothing is fetched at run time.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'public', 'vendor');
const files = {
  'htmx.org/dist/htmx.min.js': 'htmx.js',
  'htmx.org/LICENSE': 'htmx.LICENSE',
};

mkdirSync(target, { recursive: true });
for (const [from, to] of Object.entries(files)) copyFileSync(join(root, 'node_modules', from), join(target, to));
