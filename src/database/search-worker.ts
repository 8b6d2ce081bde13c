import { parentPort, workerData } from 'node:worker_threads';
import SqliteFile from 'better-sqlite3';
import { naturalKey } from './natural-key.js';
import type { SearchAnswer, SearchQuestion } from './search-reader.js';

/** A thread that reads: one question after the other, on a connection that cannot write. */
const port = parentPort;
if (port === null) throw new Error('the search worker runs as a thread only');

const { file, patience } = workerData as { readonly file: string; readonly patience: number };
const database = new SqliteFile(file, { fileMustExist: true, timeout: patience });
database.pragma('query_only = ON');
database.function('natural_key', { deterministic: true }, (text: unknown) => naturalKey(String(text)));

/** Pieces of an export ask the same again and again. */
const statements = new Map<string, SqliteFile.Statement>();
const mostStatements = 50;

function prepared(sql: string): SqliteFile.Statement {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  if (statements.size >= mostStatements) statements.clear();
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

port.on('message', ({ id, sql, values }: SearchQuestion) => {
  let answer: SearchAnswer;
  try {
    answer = { id, rows: prepared(sql).all(...values) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(answer);
});
