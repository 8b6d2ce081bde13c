import { existsSync } from 'node:fs';
import { searchWorker, type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { SearchReader } from './search-reader.js';

let temporary: TemporaryDatabase;
let reader: SearchReader;
beforeEach(async () => {
  expect(existsSync(searchWorker)).toBe(true);
  temporary = await temporaryDatabase({ entities: [] });
  reader = new SearchReader({ file: temporary.file, worker: searchWorker, patience: 1000, idleAfter: 100 });
});
afterEach(async () => {
  await reader.close();
  await temporary.remove();
});

test('the thread starts with the first question and sees what was committed before it', async () => {
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

test('what waits when it is closed fails, and so does what comes later', async () => {
  await reader.ask('SELECT 1', []);
  const waiting = reader.ask(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000) SELECT MAX(i) FROM n`,
    [],
  );
  const refused = expect(waiting).rejects.toThrow('closed');
  await reader.close();
  await refused;
  await expect(reader.ask('SELECT 1', [])).rejects.toThrow('closed');
});
