import SqliteFile from 'better-sqlite3';
import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';

/** Writes that may wait for another program. */
const mostWaiting = 1000;

let temporary: TemporaryDatabase;
let other: SqliteFile.Database;
beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [] });
  other = new SqliteFile(temporary.file);
});
afterEach(async () => {
  other.close();
  await temporary.remove();
});

const add = (digest: string) =>
  temporary.database.write((tx) => tx.sql`INSERT INTO blobs (digest, size, created_at) VALUES (${digest}, ${1}, ${0})`);
const count = async () => (await temporary.database.read.query('SELECT COUNT(*) AS count FROM blobs'))[0].count;

it('lets changes wait in their order, and no more of them than it may hold', async () => {
  other.exec('BEGIN IMMEDIATE');
  const first = add('first');
  // The first has met the lock once a read has gone by.
  expect(await count()).toBe(0);
  const waiting = Array.from({ length: mostWaiting - 1 }, (_, number) => outcomeOf(add(`waiting ${number}`)));
  expect(await outcomeOf(add('too many'))).toBe('DATABASE_BUSY');
  other.exec('COMMIT');
  await first;
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['done']));
  expect(await count()).toBe(mostWaiting);
});

it('is met by a transaction that another program makes and undoes again and again', async () => {
  for (let round = 0; round < 20; round++) {
    other.exec('BEGIN IMMEDIATE');
    const written = add(`round ${round}`);
    expect(await count()).toBe(round);
    other.exec('ROLLBACK');
    await written;
  }
});
