/** `npm start`: installs what is missing, builds what is stale, then becomes the server: one process, one clock. */
import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, setUp } from './setup.mjs';
import { root } from './turn.mjs';

const settings = join(root, '.env');
const found = statSync(settings, { throwIfNoEntry: false });
// Reading a pipe would wait for ever.
if (found !== undefined && !(found.isFile() && found.size <= 1 << 20)) fail(`${settings} is not a file of settings.`);
await setUp();
if (found !== undefined) process.loadEnvFile(settings);
module.enableCompileCache?.(join(root, 'dist', '.compile-cache')); // Node 22 and newer
performance.mark('prepared');
await import(pathToFileURL(join(root, 'dist', 'bundle', 'main.js')).href);
