import { silentLog, type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { type Origin, withOrigin } from '../access/origin.js';
import { anonymous } from '../access/principal.js';
import { clock } from '../async/clock.js';
import { parseReference } from '../oci/reference.js';
import { Audit } from './audit.js';
import { AuditReader } from './audit-reader.js';
import { record } from './record.js';

const program = { userAgent: 'x/1', requestId: 'r' };
const hour = 3_600_000;

let temporary: TemporaryDatabase;
let audit: Audit;
let reader: AuditReader;
let now: number;
clock.wall = () => now;

beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [] });
  now = Date.UTC(2030, 0, 1);
  audit = new Audit(temporary.database, silentLog);
  const { database } = temporary;
  reader = new AuditReader({ search: <Row>(sql: string, values = []) => database.prepare<Row>(sql).list(...values) });
});
afterEach(() => temporary.remove());

async function events(filter = {}) {
  await audit.flush();
  const all = [];
  for await (const piece of reader.all({ ...filter, to: new Date(now + 1) })) all.push(...piece);
  return all;
}
const from = (actor: string, address: string): Origin => ({ ...program, actor, address });
const sum = (rows: readonly { readonly count: number }[]) => rows.reduce((all, { count }) => all + count, 0);
const ipv6 = (network: number, host: number) => `2001:db8:0:${network.toString(16)}::${host.toString(16)}`;

test('names that somebody makes up have twenty rows an hour, and one that counts the rest', async () => {
  for (let round = 0; round < 3; round++) {
    for (let name = 0; name < 500; name++) audit.count('denied', `made/up-${name}`, from('user:eve', '10.0.0.1'));
    await audit.flush();
  }
  const rows = await events({ actor: 'user:eve' });
  expect(rows).toHaveLength(21);
  expect(sum(rows)).toBe(1500);
  const [rest] = rows.filter(({ resource }) => resource === '*');
  expect(rest).toMatchObject({ action: 'denied', address: '10.0.0.1', reference: '*', count: 1440, userAgent: '' });

  now += hour;
  audit.count('denied', 'made/up-499', from('user:eve', '10.0.0.1'));
  expect(await events({ resource: 'repository:made/up-499' })).toHaveLength(1);
});

test('a /64 is one address, however many addresses it has', async () => {
  for (let host = 1; host <= 300; host++) audit.count('denied', '', from('anonymous', ipv6(1, host)));
  const rows = await events();
  expect(rows).toHaveLength(21);
  expect(rows.find(({ resource }) => resource === '*')).toMatchObject({ address: '2001:db8:0:1::/64', count: 280 });
});

test('addresses that somebody varies end in one row for the rest of them', async () => {
  for (let network = 0; network < 5000; network++)
    for (const route of ['GET /a', 'GET /b'])
      audit.count('denied', '', from('anonymous', ipv6(network, 1)), { reference: route });
  const rows = await events();
  expect(rows).toHaveLength(201);
  expect(sum(rows)).toBe(10_000);
  expect(rows.find(({ address }) => address === '*')).toMatchObject({ actor: 'anonymous', resource: '*', count: 9800 });
});

test('nobody hides somebody else: neither many actors nor guesses at many accounts', async () => {
  for (let actor = 0; actor < 200; actor++)
    for (let name = 0; name < 100; name++) audit.count('denied', `up/${name}`, from(`user:u${actor}`, '10.0.0.1'));
  for (let account = 0; account < 300; account++)
    for (let network = 0; network < 40; network++)
      audit.count('sign-in-failed', `u${account}`, from('anonymous', ipv6(network, 1)));
  for (let network = 0; network < 1000; network++)
    audit.count('sign-in-failed', '', from('anonymous', ipv6(network, 1)));
  audit.count('denied', 'secret/app', from('user:mallory', '10.0.0.1'));
  audit.count('sign-in-failed', 'ada', from('anonymous', '10.0.0.1'));

  expect(await events({ actor: 'user:mallory' })).toMatchObject([{ resource: 'repository:secret/app', count: 1 }]);
  expect(await events({ resource: 'user:ada' })).toMatchObject([{ action: 'sign-in-failed', address: '10.0.0.1' }]);
  const guesses = await events({ resource: 'user:u299' });
  expect(sum(guesses)).toBe(40);
  expect(guesses.length).toBeLessThanOrEqual(21);
  expect(guesses.map(({ address }) => address)).toContain('*');
  expect(sum(await events())).toBe(200 * 100 + 300 * 40 + 1000 + 2);
  expect((await events()).length).toBeLessThan(200 * 22 + 300 * 22 + 2100);
});

test('whoever pulls more references than anybody does is counted by repository for the rest', async () => {
  const origin = () => ({ ...program, address: '10.0.0.1' });
  for (let tag = 0; tag < 2500; tag++)
    for (const repository of [7, 8])
      audit.pulled(anonymous, { id: repository, name: `r/${repository}` }, parseReference(`v${tag}`), origin);
  audit.pulled({ kind: 'robot', id: 1, name: 'a+ci' }, { id: 7, name: 'r/7' }, parseReference('v2499'), origin);
  const rows = await events({ actor: 'anonymous' });
  expect(rows).toHaveLength(2002);
  expect(rows.filter(({ reference }) => reference === '*').map(({ resource, count }) => [resource, count])).toEqual(
    expect.arrayContaining([
      ['repository:r/7', 1500],
      ['repository:r/8', 1500],
    ]),
  );
  expect(await events({ actor: 'robot:a+ci' })).toMatchObject([{ reference: 'v2499', count: 1 }]);
  const byRepository = await temporary.database.read.query(
    'SELECT repository_id AS id, SUM(count) AS pulls FROM audit_events GROUP BY 1 ORDER BY 1',
  );
  expect(byRepository).toEqual([
    { id: 7, pulls: 2501 },
    { id: 8, pulls: 2500 },
  ]);
});

test('what an administrator does again and again is counted, and hides nobody', async () => {
  for (let export_ = 0; export_ < 15_000; export_++)
    audit.note('audit.export', '', from('user:root', '10.0.0.1'), { reference: 'csv' });
  audit.note('audit.export', '', from('user:other', '10.0.0.1'), { reference: 'csv' });
  expect(await events({ actor: 'user:root' })).toHaveLength(101);
  expect(sum(await events({ actor: 'user:root' }))).toBe(15_000);
  expect(await events({ actor: 'user:other' })).toHaveLength(1);
});

test('whoever signs in and out for ever has some rows an hour, by address, and counts for the rest', async () => {
  const signIn = (address: string, times: number) =>
    withOrigin(from('user:eve', address), () =>
      temporary.database.write(async (tx) => {
        for (let time = 0; time < times; time++) await record(tx, 'sign-in', 'eve', { after: { way: 'session' } });
      }),
    );
  now = Date.now() + hour;
  await signIn('10.0.0.1', 300);
  const first = await events({ actor: 'user:eve' });
  expect(first).toHaveLength(21);
  expect(first.filter(({ count }) => count === 280)).toMatchObject([{ address: '10.0.0.1', reference: '*' }]);
  await signIn('10.0.0.2', 1);
  expect(await events({ address: '10.0.0.2' })).toMatchObject([{ resource: 'user:eve', reference: '', count: 1 }]);
  for (let network = 0; network < 200; network++) await signIn(ipv6(network, 1), 1);
  const all = await events({ actor: 'user:eve' });
  expect(all).toHaveLength(101);
  expect(sum(all)).toBe(501);
});
