import { existsSync } from 'node:fs';
import { searchWorker, type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { SearchReader, type SearchReaderOptions } from './search-reader.js';

/** Minutes of work in a single step, which nothing but the end of the process stops. */
const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5e9) SELECT MAX(i) FROM n';

let temporary: TemporaryDatabase;
let reader: SearchReader;
beforeEach(async () => {
  expect(existsSync(searchWorker)).toBe(true);
  temporary = await temporaryDatabase({ entities: [] });
  reader = readerWith({});
});
afterEach(async () => {
  await reader.close();
  await temporary.remove();
});

function readerWith(options: Partial<SearchReaderOptions>): SearchReader {
  return new SearchReader({
    file: temporary.file,
    worker: searchWorker,
    patience: 1000,
    idleAfter: 100,
    longest: 60_000,
    ...options,
  });
}

test('the process starts with the first question and sees what was committed before it', async () => {
  expect(reader.running).toBe(false);
  await temporary.database.write((tx) => tx.query('CREATE TABLE things (name TEXT)'));
  await temporary.database.write((tx) => tx.query(`INSERT INTO things VALUES ('a'), ('b')`));
  expect(await reader.ask('SELECT name FROM things WHERE name > ? ORDER BY name', ['a'])).toEqual([{ name: 'b' }]);
  expect(reader.running).toBe(true);
});

test('many questions at once get their own answers', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => reader.ask('SELECT ? AS n', [number])));
  expect(answers).toEqual(Array.from({ length: 50 }, (_, number) => [{ n: number }]));
});

test('a question that is wrong fails alone, and writing is wrong', async () => {
  await expect(reader.ask('SELECT nonsense', [])).rejects.toThrow('nonsense');
  await expect(reader.ask(`DELETE FROM audit_events RETURNING id`, [])).rejects.toThrow(
    /readonly|read.?only|query_only/i,
  );
  expect(await reader.ask('SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
});

test('it ends when idle, and the next question starts another', async () => {
  await reader.ask('SELECT 1', []);
  while (reader.running) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await reader.ask('SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
});

test('what waits and what runs when it is closed fails, and so does what comes later', async () => {
  await reader.ask('SELECT 1', []);
  const refused = [endless, 'SELECT 1'].map((sql) => expect(reader.ask(sql, [])).rejects.toThrow('closed'));
  await reader.close();
  await Promise.all(refused);
  await expect(reader.ask('SELECT 1', [])).rejects.toThrow('closed');
});

test('what takes too long is cut, and what waited for it is answered', async () => {
  reader = readerWith({ longest: 3000 });
  const long = expect(reader.ask(endless, [])).rejects.toMatchObject({
    code: 'SEARCH_TIMEOUT',
    headers: { 'Retry-After': '30' },
  });
  const other = reader.ask('SELECT 1 AS one', [], { key: 'user:2' });
  await long;
  expect(await other).toEqual([{ one: 1 }]);
  expect(await reader.ask('SELECT 2 AS two', [])).toEqual([{ two: 2 }]);
});

test('nobody waits behind a long search of somebody else, and two of one seeker are not under way at once', async () => {
  const long = [endless, endless].map((sql) => reader.ask(sql, [], { key: 'user:1' }).catch(() => 'cut'));
  for (let number = 0; number < 3; number++)
    expect(await reader.ask('SELECT ? AS n', [number], { key: `user:${number + 2}` })).toEqual([{ n: number }]);
  await reader.close();
  expect(await Promise.all(long)).toEqual(['cut', 'cut']);
});

test('nobody searches on for one who is gone, whether it runs or waits', async () => {
  const leaving = new AbortController();
  const by = { key: 'user:1', gone: leaving.signal };
  const gone = [endless, 'SELECT 1'].map((sql) =>
    expect(reader.ask(sql, [], by)).rejects.toMatchObject({ name: 'AbortError' }),
  );
  leaving.abort();
  await Promise.all(gone);
  await expect(reader.ask('SELECT 1', [], by)).rejects.toMatchObject({ name: 'AbortError' });
  expect(await reader.ask('SELECT 1 AS one', [], { key: 'user:1' })).toEqual([{ one: 1 }]);
});

test('whoever asks for too much is refused, and nobody else', async () => {
  reader = readerWith({ mostWaiting: 5 });
  const asked = Array.from({ length: 10 }, () => reader.ask('SELECT 1 AS one', [], { key: 'user:1' }));
  const other = reader.ask('SELECT 2 AS two', [], { key: 'user:2' });
  const outcomes = await Promise.allSettled(asked);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refused).toHaveLength(4); // one runs, five wait
  expect(refused[0]).toMatchObject({ code: 'TOO_MANY_REQUESTS', headers: { 'Retry-After': '2' } });
  expect(await other).toEqual([{ two: 2 }]);
});

test('a process that dies takes no other question with it', async () => {
  await expect(reader.ask('SELECT 1 AS one', [])).resolves.toHaveLength(1);
  const lost = readerWith({ worker: new URL('file:///nowhere/search-worker.js') });
  await expect(lost.ask('SELECT 1', [])).rejects.toThrow('the search process ended');
  await lost.close();
});

test('sets of numbers have the same digest exactly when they are the same', async () => {
  const digest = async (...numbers: number[]) => {
    const rows = numbers.map((number) => `(${number})`).join();
    const [row] = await reader.ask<{ digest: string }>(
      `SELECT set_digest(n ORDER BY n) AS digest FROM (SELECT column1 AS n FROM (VALUES ${rows}))`,
      [],
    );
    return row?.digest;
  };
  expect(await digest(3, 1, 2)).toBe(await digest(1, 2, 3));
  // Equal in count, sum and sum of squares.
  expect(await digest(1, 5, 6)).not.toBe(await digest(2, 3, 7));
  const many = Array.from({ length: 3000 }, (_, number) => number);
  expect(await digest(...many)).not.toBe(await digest(...many.slice(0, -1), 3000));
});
