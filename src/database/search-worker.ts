import { parentPort, workerData } from 'node:worker_threads';
import SqliteFile from 'better-sqlite3';
import type { SearchAnswer, SearchQuestion } from './search-reader.js';

/** A thread that reads: one question after the other, on a connection that cannot write. */
const port = parentPort;
if (port === null) throw new Error('the search worker runs as a thread only');

const { file, patience } = workerData as { readonly file: string; readonly patience: number };
const database = new SqliteFile(file, { fileMustExist: true, timeout: patience });
database.pragma('query_only = ON');

port.on('message', ({ id, sql, values }: SearchQuestion) => {
  let answer: SearchAnswer;
  try {
    answer = { id, rows: database.prepare(sql).all(...values) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(answer);
});
