import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The absolute directory that holds views/, public/ and locales/: the nearest one above this file whose package.json
 * is Berth's. Works from the sources, from tsc's output and from the bundle.
 */
export function projectRoot(): string {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    if (packageName(directory) === 'berth') return directory;
    if (directory === dirname(directory)) throw new Error('the directory of Berth was not found above its program');
  }
}

/** Of Berth itself: `1.2.3`. */
export function programVersion(): string {
  version ??= readVersion();
  return version;
}

let version: string | undefined;

function readVersion(): string {
  const { version: text } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as {
    version: string;
  }; // projectRoot read it
  return text;
}

function packageName(directory: string): unknown {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : undefined;
  } catch {
    return undefined; // none here, or not one of ours: look further up
  }
}
