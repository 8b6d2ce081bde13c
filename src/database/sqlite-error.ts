/**
 * The code of SQLite, such as SQLITE_CONSTRAINT_UNIQUE, in an error of better-sqlite3, of TypeORM around it,
 * or in what is left of one that came out of a thread.
 */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_')) return error.code;
  return 'driverError' in error ? sqliteCode(error.driverError) : undefined;
}

/**
 * I/O errors that cast doubt on what the write-ahead log holds already: a sync that failed, after which the system forgets what
 * it had still to write, and places that cannot be read. A write that fails takes only its own transaction with it, and memory
 * beside the log that could not be had takes nothing at all.
 */
const doubtful = new Set([
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_READ',
  'SQLITE_IOERR_SHORT_READ',
  'SQLITE_IOERR_CORRUPTFS',
]);

/** True when another connection holds what a statement needs: the same statement may work a moment later. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_BUSY' || code?.startsWith('SQLITE_BUSY_') === true || code === 'SQLITE_PROTOCOL';
}

/** What a failed statement says about the disk and who else uses it. */
export type DiskTrouble = 'full' | 'busy' | 'unavailable' | 'log in doubt';

/** Undefined for an error that has nothing to do with the disk. */
export function diskTrouble(error: unknown): DiskTrouble | undefined {
  const code = sqliteCode(error);
  // The index of the log in `-shm` is extended byte by byte, which fails only for want of room.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return 'full';
  if (isBusy(error)) return 'busy';
  if (code === undefined || !code.startsWith('SQLITE_IOERR')) return undefined;
  return doubtful.has(code) ? 'log in doubt' : 'unavailable';
}
