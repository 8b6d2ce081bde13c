import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Block = (name: string, body: () => void) => void;

/**
 * `describe` for specs that drive other people's programs: `requireTool('skopeo')('skopeo', () => { … })`.
 * A missing tool skips the block and says so; where CI=true it fails it, so that nothing goes unproven in silence.
 */
export function requireTool(...tools: string[]): Block {
  return blockUnless(tools.filter((tool) => findTool(tool) === undefined));
}

/** The same for programs that only root can run as the specs run them. */
export function requireRoot(...tools: string[]): Block {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  return blockUnless(process.getuid?.() === 0 ? missing : ['root', ...missing]);
}

/** `describe` where nothing is missing; else a block that is skipped, or with CI=true failed, in its place. */
export function blockUnless(missing: readonly string[]): Block {
  if (missing.length === 0) return describe;
  const message = `needs ${missing.join(', ')}`;
  if (process.env.CI !== 'true') return (name, body) => describe.skip(`${name} (skipped: ${message})`, body);
  return (name) =>
    describe(name, () => {
      it(message, () => {
        throw new Error(message);
      });
    });
}

/** The absolute path of a program on PATH or in the system's directories, or undefined. */
export function findTool(tool: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return directories.map((directory) => join(directory, tool)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
