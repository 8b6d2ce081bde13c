import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../errors/error-code.js';
import { realPath } from './real-path.js';

/** A file that is to appear whole, durable and at once. All paths are absolute and on one file system. */
export interface Commit {
  /** Where the bytes are, or are to be written first. */
  readonly from: string;
  /** What is to be written; undefined when the bytes are in the file and durable. */
  readonly bytes: Uint8Array | undefined;
  readonly to: string;
  /** The directory above `to` that is durable already. */
  readonly root: string;
}

/** Directories whose names, up to the root, this thread has made durable, and which directory each was. */
const durable = new Map<string, string>();

/** Returns when the file is whole and durable under its name. `from` is gone either way. Throws the system's own error. */
export function commitFile(commit: Commit): void {
  try {
    perform(commit);
  } catch (error) {
    rmSync(commit.from, { force: true });
    throw error;
  }
}

/** The law of docs/architecture.md, in its order: bytes, data sync, rename, directory sync. */
function perform({ from, bytes, to, root }: Commit): void {
  if (bytes !== undefined) {
    writeDurably(from, bytes);
  }
  const directory = dirname(to);
  moveInto(directory, from, to, root);
  // Always both: whoever made the directory may not have come to this line.
  syncDirectory(directory);
  syncDirectory(dirname(directory));
}

function writeDurably(path: string, bytes: Uint8Array): void {
  const file = create(path);
  try {
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file, bytes, written);
    }
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, 'wx', 0o600);
  }
}

/** Replaces what is there: the bytes are the same, and a damaged file is repaired by pushing it again. */
function moveInto(directory: string, from: string, to: string, root: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      makeDurable(dirname(directory), root);
      requireSame(dirname(directory));
      if (!make(directory)) requireFolder(directory);
      renameSync(from, to);
      return;
    } catch (error) {
      // A deletion took the directory between the two steps. A missing upload ends here as well.
      if (errorCode(error) !== 'ENOENT' || attempt === 3) throw error;
      durable.clear();
    }
  }
}

/** Whoever made a link of a folder would get the bytes somewhere else, where the next start does not look. */
function requireReal(directory: string): void {
  if (realPath(directory) !== directory) throw new Error(`${directory} is reached through a link`);
}

/** Somebody may have put a link there, or above it, since. One call of the system as long as nobody did. */
function requireSame(directory: string): void {
  if (durable.get(directory) === identityOf(directory)) return;
  requireReal(directory);
  durable.set(directory, identityOf(directory));
}

function identityOf(directory: string): string {
  const { dev, ino } = lstatSync(directory);
  return `${dev}:${ino}`;
}

function requireFolder(directory: string): void {
  if (!lstatSync(directory).isDirectory()) throw new Error(`${directory} is no folder`);
}

/**
 * Creates what is missing between the root and `directory`, and sees that no link leads there; every name is durable then. Once for
 * the life of the thread.
 */
function makeDurable(directory: string, root: string): void {
  if (directory === root || durable.has(directory)) return;
  const above = dirname(directory);
  makeDurable(above, root);
  make(directory);
  requireReal(directory);
  syncDirectory(above);
  durable.set(directory, identityOf(directory));
}

/** Whether it was not there. */
function make(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return false;
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
