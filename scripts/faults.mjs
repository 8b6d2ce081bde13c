/** `npm run faults [-- F2 F4 …]`: sets up like `npm start`, then injects every fault of docs/reliability.md in its full form. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './turn.mjs';

await setUp();
const program = join(root, 'dist', 'test', 'faults', 'matrix', 'run.js');
process.exitCode =
  spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 1;
