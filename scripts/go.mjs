/** Whether this machine can build the Go programs that test/clients/go drives. Imports nothing but Node itself. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { go: needed } = JSON.parse(readFileSync(new URL('../test/clients/go/programs.json', import.meta.url), 'utf8'));

/** @returns {string | undefined} what is missing, as a part of a sentence; undefined where Go is there and new enough */
export function lackOfGo() {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (status !== 0) return `Go ${needed} is not on PATH`;
  const version = stdout.trim().replace(/^go/, '');
  const enough = version.localeCompare(needed, 'en', { numeric: true }) >= 0;
  return enough ? undefined : `Go ${needed} is needed, and ${version} is on PATH`;
}
