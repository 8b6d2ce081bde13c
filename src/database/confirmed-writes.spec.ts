import { outcomeOf } from '../../test/support/outcome.js';
import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { ofItself, requireThroughout, systemOrigin, withOrigin } from '../access/origin.js';
import { Failure } from '../errors/failure.js';

let temporary: TemporaryDatabase;
let allowed = true;
const question = async () => {
  await undefined;
  if (!allowed) throw new Failure('DENIED');
};

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [] });
  allowed = true;
});
afterEach(() => temporary.remove());

const addBlob = (digest: string) =>
  temporary.database.write((tx) => tx.sql`INSERT INTO blobs (digest, size, created_at) VALUES (${digest}, ${1}, ${0})`);
const blobs = async () =>
  (await temporary.database.read.query<{ digest: string }[]>('SELECT digest FROM blobs ORDER BY digest')).map(
    ({ digest }) => digest,
  );
/** Loses the right in a write of its own, before which everything that follows was asked for. */
const loseIt = () =>
  temporary.database.write(async (tx) => {
    await tx.sql`SELECT 1`;
    allowed = false;
  });

test('whoever lost the right while their write waited for its turn writes nothing', async () => {
  const lost = loseIt();
  const waiting = withOrigin(systemOrigin, () => addBlob('mine'), question);
  const others = addBlob('theirs');
  expect(await outcomeOf(waiting)).toBe('DENIED');
  await Promise.all([lost, others]);
  expect(await blobs()).toEqual(['theirs']);
});

test('every write of a change asks, not the first alone', async () => {
  const change = withOrigin(
    systemOrigin,
    async () => {
      await addBlob('first');
      await loseIt();
      await addBlob('second');
    },
    question,
  );
  expect(await outcomeOf(change)).toBe('DENIED');
  expect(await blobs()).toEqual(['first']);
});

test('what the change itself has to be allowed is asked at once, and again with the write', async () => {
  const change = (losing: () => Promise<unknown>) =>
    withOrigin(systemOrigin, async () => {
      await requireThroughout(question);
      await losing();
      await addBlob('mine');
    });
  expect(await outcomeOf(change(async () => undefined))).toBe('done');
  await temporary.database.write((tx) => tx.sql`DELETE FROM blobs`);
  expect(await outcomeOf(change(loseIt))).toBe('DENIED');
  expect(await outcomeOf(change(async () => undefined))).toBe('DENIED');
  expect(await blobs()).toEqual([]);
});

test('what Berth does of its own accord asks nobody, nor does what goes on after the change', async () => {
  allowed = false;
  let later = Promise.resolve<unknown>(undefined);
  await withOrigin(
    systemOrigin,
    async () => {
      await ofItself(() => addBlob('swept'));
      later = new Promise((resolve) => setImmediate(resolve)).then(() => addBlob('walked'));
    },
    question,
  );
  await later;
  expect(await blobs()).toEqual(['swept', 'walked']);
});
