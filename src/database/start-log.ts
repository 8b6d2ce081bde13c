import type SqliteFile from 'better-sqlite3';

/**
 * Writes the first frame of an empty write-ahead log. SQLite syncs the header of the log together with it, on the thread that
 * writes it, so that is done here, at start or in the checkpoint's thread, and never falls to a commit on the event loop.
 */
export function startLog(database: SqliteFile.Database): void {
  const version = database.pragma('user_version', { simple: true });
  database.pragma(`user_version = ${version}`);
}
