/** `npm run bench -- <name> [arguments]`: sets up like `npm start`, then runs bench/<name>. Without a name it lists them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, setUp } from './setup.mjs';
import { root } from './turn.mjs';

const [name, ...rest] = process.argv.slice(2);
const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'));
if (name === undefined || !names.includes(name)) fail(`Say which: npm run bench -- ${names.join(' | ')}`);

await setUp();
const program = join(root, 'dist', 'bench', `${name}.js`);
if (!existsSync(program)) fail(`${program} was not built.`);
process.exitCode = spawnSync(process.execPath, [program, ...rest], { cwd: root, stdio: 'inherit' }).status ?? 1;
