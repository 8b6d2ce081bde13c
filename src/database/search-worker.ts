import { setPriority } from 'node:os';
import SqliteFile from 'better-sqlite3';
import { naturalKey } from './natural-key.js';
import type { SearchAnswer, SearchQuestion } from './search-process.js';
import { startSetDigest } from './set-digest.js';

/** A process that reads: one question after the other, on a connection that cannot write. It ends with the one that started it. */
const send = process.send?.bind(process);
if (send === undefined) throw new Error('the search worker is started by Berth only');
// A terminal and a service manager signal all processes at once; the one that started this one still has questions then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
setPriority(5); // serving comes first

const [file = '', patience] = process.argv.slice(2);
let database: SqliteFile.Database | undefined;

/** Opened with the first question, so that what is wrong is told to somebody. */
function opened(): SqliteFile.Database {
  if (database !== undefined) return database;
  const connection = new SqliteFile(file, { fileMustExist: true, timeout: Number(patience) });
  connection.pragma('query_only = ON');
  connection.function('natural_key', { deterministic: true }, (text: unknown) => naturalKey(String(text)));
  connection.aggregate('set_digest', {
    start: startSetDigest,
    step: (digest, number: unknown) => digest.add(Number(number)),
    result: (digest) => digest.end(),
  });
  database = connection;
  return connection;
}

/** Pieces of an export ask the same again and again. */
const statements = new Map<string, SqliteFile.Statement>();
const mostStatements = 50;

function prepared(sql: string): SqliteFile.Statement {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  if (statements.size >= mostStatements) statements.clear();
  const statement = opened().prepare(sql);
  statements.set(sql, statement);
  return statement;
}

process.on('message', ({ sql, values }: SearchQuestion) => {
  let answer: SearchAnswer;
  try {
    answer = { rows: prepared(sql).all(...values) };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  send(answer);
});
