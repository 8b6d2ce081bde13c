import { type Berth, startBerth } from '../support/berth.js';
import { addSignedIn } from '../support/people.js';

/** Rows with as much in them as they may have. */
let berth: Berth;

beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

const MB = 1_000_000;
const scopes = Array.from({ length: 50 }, (_, at) => ({
  pattern: `${'p'.repeat(250)}${at}/*`,
  actions: ['pull', 'push', 'delete', 'manage'],
}));

test('a hundred access tokens of fifty scopes are lists below a megabyte, which go on where they end', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `token-${String(at).padStart(3, '0')}`);
  let ann = '';
  // Beyond twenty an hour of one account they are counted in one row.
  for (const [at, name] of names.entries()) {
    if (at % 20 === 0) ann = await addSignedIn(berth, `ann-${at}`);
    expect((await berth.api('POST', '/api/v1/tokens', { name, scopes }, ann)).status).toBe(201);
  }

  const walk = async (path: string) => {
    const items: { name: string }[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await berth.api('GET', `${path}limit=100${cursor && `&cursor=${cursor}`}`);
      expect(page.status).toBe(200);
      expect(JSON.stringify(page.body).length).toBeLessThan(MB);
      items.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    return items;
  };
  expect((await walk('/api/v1/tokens?')).map(({ name }) => name)).toEqual(names);
  expect(await walk('/api/v1/audit?action=token.create&')).toHaveLength(100);

  const { body } = await berth.api('GET', '/api/v1/audit.csv?action=token.create');
  expect(String(body).match(/token\.create/g)).toHaveLength(100);
}, 60_000);
