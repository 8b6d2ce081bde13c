import Database from 'better-sqlite3';
import { errorCode } from '../errors/error-code.js';

/**
 * Takes the lock file for this process, or answers undefined when another process has it. The lock is the exclusive
 * transaction of a SQLite file, because the system frees that with the process, however it dies.
 */
export function takeLock(file: string): { release(): void } | undefined {
  const connection = new Database(file, { timeout: 0 });
  try {
    connection.pragma('journal_mode = MEMORY'); // no second file: a full disk must not keep Berth from starting
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (errorCode(error)?.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return { release: () => void connection.close() };
}
