import { jest } from '@jest/globals';
import { type TemporaryAccounts, temporaryAccounts } from '../../test/support/temporary-accounts.js';
import { groupQueries } from './groups/groups.store.js';
import { signInQuery } from './sign-ins.store.js';
import { secretQueries } from './tokens/secrets.store.js';

const address = '192.0.2.7';

let world: TemporaryAccounts;
beforeAll(async () => {
  world = await temporaryAccounts();
});
afterAll(() => world.remove());

/** The reads that `work` makes through TypeORM, or in the process for searches. */
async function readsOf(work: () => Promise<unknown>): Promise<{ sql: string; parameters: unknown[] }[]> {
  const reads: { sql: string; parameters: unknown[] }[] = [];
  const quiet = () => undefined;
  const logger = {
    logQuery: (sql: string, parameters: unknown[] = []) => void reads.push({ sql, parameters }),
    ...{ logQueryError: quiet, logQuerySlow: quiet, logSchemaBuild: quiet, logMigration: quiet, log: quiet },
  };
  const { connection } = world.database.read;
  const { logger: before } = connection;
  connection.logger = logger;
  const search = jest.spyOn(world.database, 'search');
  await work().finally(() => {
    connection.logger = before;
    for (const [sql, parameters = []] of search.mock.calls) reads.push({ sql, parameters: [...parameters] });
    search.mockRestore();
  });
  return reads;
}

it.each<[string, () => Promise<unknown>]>([
  ['a list of users', () => world.users.list({ limit: 10, cursor: 'a', q: 'x' })],
  ['a user', () => world.users.find('ada')],
  ['a list of groups', () => world.groups.list({ limit: 10, cursor: 'a', q: 'x' })],
  ['the members of a group', () => world.groups.membersOf('backend', { limit: 10, cursor: 'a' })],
  ['a list of robots', () => world.robots.list({ limit: 10, cursor: 'a', q: 'x' })],
  ['the robots of a namespace', () => world.robots.list({ namespace: 'team', limit: 10, cursor: 'a' })],
  ['a robot', () => world.robots.find('team+ci')],
  ['a list of tokens', () => world.tokens.list({ limit: 10, cursor: '7' })],
  ['the tokens of a user', () => world.tokens.list({ userId: 1, limit: 10, cursor: '0' })],
])('%s is found by indexes', async (_what, work) => {
  await world.groups.create({ name: 'backend' }).catch(() => undefined);
  await world.robots.create({ namespace: 'team', name: 'ci' }).catch(() => undefined);
  const reads = await readsOf(work);
  expect(reads).not.toEqual([]);
  for (const { sql, parameters } of reads) {
    const plan = await world.database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
    expect([sql, plan.map(({ detail }) => detail).filter((step) => step.startsWith('SCAN'))]).toEqual([sql, []]);
  }
});

it.each([...groupQueries, signInQuery])('what is prepared goes by an index: %s', async (sql) => {
  const parameters = sql.split('?').slice(1).fill('1');
  const plan = await world.database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
  const scans = plan.map(({ detail }) => detail).filter((step) => /^SCAN (?!\w+ VIRTUAL TABLE)/.test(step));
  expect(scans).toEqual([]);
});

it('finds a secret by an index', async () => {
  for (const sql of secretQueries) {
    const plan = await world.database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, [address]);
    expect(plan.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH .* USING (COVERING )?INDEX/)]);
  }
});
