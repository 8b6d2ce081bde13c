import { parentPort, workerData } from 'node:worker_threads';
import SqliteFile from 'better-sqlite3';
import { startLog } from './start-log.js';

/**
 * A thread for one checkpoint, so that its syncs hold up nobody. It copies what can be copied while writes go on and says so;
 * when the process answers, writes are held back, and it copies the short rest and empties the log.
 * A failure ends the thread, and the process hears it as the thread's error.
 */
const port = parentPort;
if (port === null) throw new Error('the checkpoint worker runs as a thread only');

/** Milliseconds to wait for a reader outside the process, with the writes of the process waiting behind. */
const patience = 200;

const database = new SqliteFile(String(workerData), { fileMustExist: true, timeout: patience });
database.pragma('synchronous = NORMAL');
database.pragma('wal_checkpoint(PASSIVE)');
port.once('message', () => {
  database.pragma('wal_checkpoint(TRUNCATE)');
  startLog(database);
  database.close();
  port.postMessage('emptied');
  port.close();
});
port.postMessage('copied');
