/** Two launchers of one directory do not install or build at the same time. Imports nothing but Node itself. */
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The process that has the lock, or undefined. */
function ownerOf(lockFile) {
  try {
    return Number(readlinkSync(lockFile));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Waits until no other process does the same here. The lock is a link that names its owner; a dead one's counts as free.
 * @param {'install' | 'build'} work
 * @returns {Promise<() => void>} gives the turn back, which the end of the process does too
 */
export async function takeTurn(work) {
  const directory = join(root, 'dist');
  const lockFile = join(directory, `.${work}-lock`);
  mkdirSync(directory, { recursive: true });
  for (let told = false; ; told = true) {
    try {
      symlinkSync(String(process.pid), lockFile);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(lockFile);
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!told) console.log(`${work}: waiting for another ${work} of this directory`);
    await delay(200);
  }
  const interrupted = () => process.exit(1);
  const release = () => {
    rmSync(lockFile, { force: true });
    process.off('exit', release);
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupted);
  };
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  return release;
}
