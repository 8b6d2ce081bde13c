import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { type Ran, run } from './child.js';

/** The built command. */
export const berthCommand = join(projectRoot(), 'dist', 'bundle', 'cli.js');

export interface CommandOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs `berth` to its end. It sees nothing of the caller's environment but PATH. */
export function berth(args: readonly string[], { env, ...options }: CommandOptions = {}): Promise<Ran> {
  return run(process.execPath, ['--disallow-code-generation-from-strings', berthCommand, ...args], {
    env: { PATH: process.env.PATH, ...env },
    timeoutMs: 120_000,
    ...options,
  });
}
