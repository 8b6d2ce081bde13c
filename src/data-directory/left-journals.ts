import { closeSync, lstatSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { plainRead } from './plain-read.js';
import { StartupError } from './startup-error.js';

/** Byte of the header of an SQLite file that says how it is written, and what it is for a write-ahead log. */
const writeVersion = 18;
const writeAhead = 2;

/**
 * Removes rollback journals beside the lock and the database, which write none: SQLite would play back whatever somebody has put
 * there, and delete the file it names, wherever that is. For the holder of the lock, before it opens the database.
 * @param root the data directory, without links in it
 * @throws StartupError for one that may be the unfinished change of another program, without which the database would be torn
 */
export function dropJournal(root: string, name: 'berth.lock' | 'berth.db'): void {
  const journal = join(root, `${name}-journal`);
  if (lstatSync(journal, { throwIfNoEntry: false }) === undefined) return;
  if (name === 'berth.db' && isWrittenWithJournal(join(root, name))) {
    throw new StartupError(
      `${journal} is a change of berth.db that another program did not finish: if that was you, finish it with ` +
        `"sqlite3 berth.db 'PRAGMA journal_mode = WAL'", else remove it.`,
    );
  }
  rmSync(journal);
}

/** False for what has no header yet: nothing could be torn. */
function isWrittenWithJournal(file: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return false;
  const descriptor = openSync(file, plainRead);
  try {
    const header = Buffer.alloc(writeVersion + 1);
    return readSync(descriptor, header, 0, header.length, 0) === header.length && header[writeVersion] !== writeAhead;
  } finally {
    closeSync(descriptor);
  }
}
