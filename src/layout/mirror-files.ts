import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from '../storage/disk-failure.js';

/** Somebody made a link of a folder: what is written there would land elsewhere. */
export class LeadsElsewhere extends Error {}

/**
 * Files below one directory, made to hold exactly what they are told to. Synchronous, for a thread of its own. What is written or
 * removed is durable after `sync`; killed before, it is written again.
 */
export class MirrorFiles {
  readonly #root: string;
  readonly #folders = new Set<string>();
  #unsyncedFiles = new Set<string>();
  #unsyncedFolders = new Set<string>();

  constructor(root: string) {
    this.#root = realpathSync(root);
  }

  /** @param path relative to the root. Throws LeadsElsewhere. */
  write(path: string, content: string | Uint8Array): void {
    const file = join(this.#root, path);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#makeFolder(dirname(file));
    if (holds(file, bytes)) return;
    const temporary = `${file}.new`; // always the same, so that a kill leaves nothing that the next run does not use up
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, file);
    this.#unsyncedFiles.add(file);
    this.#unsyncedFolders.add(dirname(file));
  }

  /** A file or folder with all in it. Throws LeadsElsewhere. */
  remove(path: string): void {
    const target = join(this.#root, path);
    const parent = nearestFolder(dirname(target));
    this.#requireInside(parent);
    if (parent !== dirname(target)) return;
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) {
      rmSync(target, { recursive: true, force: true });
      this.#folders.clear();
    }
    // Even if it was gone: a process that was killed may not have come to this line.
    this.#unsyncedFolders.add(parent);
  }

  /** Removes `path` and what is above it as long as nothing is in it, up to but without `top`. */
  removeEmpty(path: string, top: string): void {
    const stop = join(this.#root, top);
    for (let folder = join(this.#root, path); folder.startsWith(`${stop}/`); folder = dirname(folder)) {
      try {
        rmdirSync(folder);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') return;
      }
      this.#folders.delete(folder);
      this.#unsyncedFolders.add(dirname(folder));
    }
  }

  sync(): void {
    for (const file of this.#unsyncedFiles) syncPath(file, fdatasyncSync);
    for (const folder of this.#unsyncedFolders) syncPath(folder, fsyncSync);
    this.#unsyncedFiles = new Set();
    this.#unsyncedFolders = new Set();
    this.#folders.clear();
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    this.#requireInside(nearestFolder(folder));
    const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (first !== undefined) {
      for (let made = folder; made.length >= first.length; made = dirname(made))
        this.#unsyncedFolders.add(dirname(made));
    }
    this.#folders.add(folder);
  }

  #requireInside(folder: string): void {
    if (realpathSync(folder) !== folder) throw new LeadsElsewhere(`${folder} leads elsewhere`);
  }
}

/** The folder itself, or the nearest above it that exists. */
function nearestFolder(folder: string): string {
  let near = folder;
  while (statSync(near, { throwIfNoEntry: false }) === undefined && dirname(near) !== near) near = dirname(near);
  return near;
}

function holds(file: string, bytes: Uint8Array): boolean {
  try {
    return statSync(file).size === bytes.length && readFileSync(file).equals(bytes);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EACCES') return false;
    throw error;
  }
}

/** What was removed meanwhile needs no sync of its own. */
function syncPath(path: string, sync: (descriptor: number) => void): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    sync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
