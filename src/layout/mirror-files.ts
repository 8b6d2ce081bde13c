import {
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { layoutPlace } from '../data-directory/own-files.js';
import { isNoFile, plainRead } from '../data-directory/plain-read.js';
import { errorCode } from '../errors/error-code.js';
import { realPath } from '../storage/real-path.js';

/** Somebody made a link of a folder, or something else is where a file or a folder is to be, or nothing can be: what is written there would land elsewhere, or nowhere. */
export class LeadsElsewhere extends Error {}

/** Bytes of the folders that a file may need, and of the end of its last block. */
const besideContent = 32 * 1024;

/** What the system says then, or of a name that is longer than this file system takes: it is of one path, and nothing else has to wait. */
const inTheWay = new Set(['EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOTDIR', 'ENOTEMPTY']);

/**
 * Files of the layout below a data directory, made to hold exactly what they are told to. Synchronous, for a thread of its own. What is written or
 * removed is durable after `sync`; killed before, it is written again.
 */
export class MirrorFiles {
  /** Where a path is, such as `docker/registry/v2/blobs`. */
  readonly #at: (path: string) => string;
  readonly #folders = new Set<string>();
  #unsyncedFolders = new Set<string>();

  /** @param leave bytes of the disk that nothing is written into */
  constructor(
    private readonly root: string,
    private readonly leave = 0,
  ) {
    this.#at = layoutPlace(realpathSync(root));
  }

  /** @param path relative to the data directory. Throws LeadsElsewhere, and ENOSPC when nothing is free but what is to be left. */
  write(path: string, content: string | Uint8Array): void {
    const file = this.#at(path);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#requireRoom(bytes.length);
    unlessInTheWay(file, () => this.#put(file, bytes));
  }

  #put(file: string, bytes: Uint8Array): void {
    this.#makeFolder(dirname(file));
    if (holds(file, bytes)) return;
    const temporary = `${file}.new`; // always the same, so that a kill leaves nothing that the next run does not use up
    rmSync(temporary, { recursive: true, force: true });
    // On the disk before it is in its place: what is there already is relied on, by a run after one that was killed or could not sync, too.
    writeFileSync(temporary, bytes, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(temporary, file);
    this.#unsyncedFolders.add(dirname(file));
  }

  /** A file or folder with all in it. Throws LeadsElsewhere. */
  remove(path: string): void {
    const target = this.#at(path);
    const parent = nearestFolder(dirname(target));
    this.#requireInside(parent);
    if (parent !== dirname(target)) return;
    if (isThere(target)) {
      rmSync(target, { recursive: true, force: true });
      this.#folders.clear();
    }
    // Even if it was gone: a process that was killed may not have come to this line.
    this.#unsyncedFolders.add(parent);
  }

  /** Removes `path` and what is above it as long as nothing is in it, up to but without `top`. */
  removeEmpty(path: string, top: string): void {
    const stop = this.#at(top);
    for (let folder = this.#at(path); folder.startsWith(`${stop}/`); folder = dirname(folder)) {
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
    for (const folder of this.#unsyncedFolders) syncFolder(folder);
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

  #requireRoom(bytes: number): void {
    if (this.leave === 0) return;
    const { bavail, bsize } = statfsSync(this.root);
    if (bavail * bsize - bytes - besideContent >= this.leave) return;
    throw Object.assign(new Error('the rest of the disk is reserved'), { code: 'ENOSPC' });
  }

  #requireInside(folder: string): void {
    if (realPath(folder) !== folder) throw new LeadsElsewhere(`${folder} leads elsewhere`);
  }
}

function unlessInTheWay<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!inTheWay.has(errorCode(error) ?? '')) throw error;
    throw new LeadsElsewhere(`${path} cannot be there (${errorCode(error)})`, { cause: error });
  }
}

/** The folder itself, or the nearest above it that exists. */
function nearestFolder(folder: string): string {
  let near = folder;
  while (!isThere(near) && dirname(near) !== near) near = dirname(near);
  return near;
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === 'ENAMETOOLONG') return false;
    throw error;
  }
}

function holds(file: string, bytes: Uint8Array): boolean {
  const descriptor = openPlain(file);
  if (descriptor === undefined) return false;
  try {
    const found = fstatSync(descriptor);
    return found.isFile() && found.size === bytes.length && readFileSync(descriptor).equals(bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** What was removed meanwhile needs no sync of its own. */
function syncFolder(folder: string): void {
  const descriptor = openPlain(folder);
  if (descriptor === undefined) return;
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined where nothing is that could be read, or something else than a file or a folder. */
function openPlain(path: string): number | undefined {
  try {
    return openSync(path, plainRead);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EACCES' || isNoFile(error)) return undefined;
    throw error;
  }
}
