import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../support/child.js';
import { type Block, blockUnless } from '../../support/tools.js';

/** The programs that are built from Go modules: the Go they need at least, and the package and version of each. */
const table: { readonly go: string; readonly packages: Readonly<Record<GoProgram, string>> } = JSON.parse(
  await readFile(new URL('programs.json', import.meta.url), 'utf8'),
);

export type GoProgram = 'crane' | 'regctl' | 'regsync' | 'oras' | 'helm' | 'registry';

/** Where built programs stay from one run to the next, each below its package and version. */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'berth', 'go');

/** The absolute path of a program, which is there once `requireGoProgram` has given its block. */
export function goProgram(name: GoProgram): string {
  return join(directoryOf(name), name);
}

/**
 * `describe` for specs that drive a program of the table, built here unless it is there from an earlier run. One that cannot
 * be built is a missing tool, with what Go said.
 */
export async function requireGoProgram(name: GoProgram): Promise<Block> {
  const refusal = existsSync(goProgram(name)) ? undefined : await build(name);
  return blockUnless(refusal === undefined ? [] : [`${name} (${refusal})`]);
}

/** Builds with what the machine has: its module proxy and its caches. Returns why it did not work. */
async function build(name: GoProgram): Promise<string | undefined> {
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, `${name}-`));
  try {
    // Nobody looks for the speed or the debugger of these programs; without both they compile in three quarters of the time.
    const parameters = ['install', '-gcflags=all=-N -l', '-ldflags=-s -w', table.packages[name]];
    const env = { ...process.env, GOBIN: unfinished, CGO_ENABLED: '0' };
    const { code, stdout, stderr } = await run('go', parameters, { env, cwd: unfinished, timeoutMs: 900_000 });
    if (code !== 0) return `${stdout}${stderr}`.replaceAll(/^go: downloading .*\n/gm, '').trim();
    const directory = directoryOf(name);
    await mkdir(join(directory, '..'), { recursive: true });
    await rename(unfinished, directory).catch((error) => {
      if (!existsSync(goProgram(name))) throw error; // another run was quicker
    });
    return undefined;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function directoryOf(name: GoProgram): string {
  return join(cache, table.packages[name]);
}
