/** `npm start`: installs what is missing, builds what is stale, then becomes the server: one process, one clock. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './build.mjs';
import { setUp } from './setup.mjs';

setUp();
const settings = join(root, '.env');
if (existsSync(settings)) process.loadEnvFile(settings);
module.enableCompileCache?.(join(root, 'dist', '.compile-cache')); // Node 22 and newer
await import(pathToFileURL(join(root, 'dist', 'bundle', 'main.js')).href);
