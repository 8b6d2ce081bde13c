import { silentLog, type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { currentOrigin, type Origin, systemOrigin, withOrigin } from '../access/origin.js';
import { anonymous, type Principal } from '../access/principal.js';
import { clock } from '../async/clock.js';
import { parseReference } from '../oci/reference.js';
import { Audit } from './audit.js';
import { AuditReader } from './audit-reader.js';
import { AuditRetention } from './audit-retention.js';
import { record } from './record.js';

const ada: Principal = { kind: 'user', id: 7, name: 'ada', role: 'admin' };
const origin: Origin = { actor: 'user:ada', address: '10.0.0.1', userAgent: 'curl/8', requestId: 'r-1' };
const v1 = parseReference('v1');
const app = { id: 1, name: 'team/app' };
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
  // The thread is the program's; here its queries run on the connection for reads.
  const { database } = temporary;
  reader = new AuditReader({ search: <Row>(sql: string, values = []) => database.prepare<Row>(sql).list(...values) });
});
afterEach(() => temporary.remove());

/** A row each, as they are when they do not come all at once. */
async function noted(count: number, nameOf: (number: number) => string): Promise<void> {
  for (let number = 0; number < count; number++) {
    audit.note('push', nameOf(number), origin);
    if (number % 100 === 99) await audit.flush();
  }
}

const events = async (filter = {}) => (await reader.page(filter, { limit: 100 })).items;

test('a change is written down with who made it, in its own transaction', async () => {
  await withOrigin(origin, () =>
    temporary.database.write((tx) =>
      record(tx, 'user.update', 'bob', {
        before: { username: 'bob', role: 'user', enabled: true, passwordHash: 'canary-hash' },
        after: { username: 'bob', role: 'admin', enabled: true, passwordHash: 'canary-hash-2' },
      }),
    ),
  );
  const [event] = await events();
  expect(event).toMatchObject({ ...origin, action: 'user.update', result: 'ok', resource: 'user:bob', count: 1 });
  expect(event?.detail).toEqual({ before: { role: 'user' }, after: { role: 'admin' } });
});

test('a change that fails leaves no trace', async () => {
  const failing = temporary.database.write(async (tx) => {
    await record(tx, 'user.delete', 'bob');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await events()).toEqual([]);
});

test('concurrent changes keep their own origins, and afterwards nobody is behind anything', async () => {
  const origins = Array.from({ length: 20 }, (_, number) => ({ ...origin, actor: `user:u${number}` }));
  await Promise.all(
    origins.map((one) =>
      withOrigin(one, () => temporary.database.write((tx) => record(tx, 'group.delete', one.actor.slice(5)))),
    ),
  );
  for (const { actor, resource } of await events()) expect(resource).toBe(`group:${actor.slice(5)}`);
  expect(await events()).toHaveLength(20);
  expect(currentOrigin()).toBe(systemOrigin);
});

test('secrets are not written down: neither by name, nor by look, nor in depth', async () => {
  const canaries = [
    'canary-password',
    'berth_pat_0123456789abcdefghij0123456789abcdef',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.sig',
  ];
  const [password, token, jwt] = canaries;
  const after = {
    username: 'eve',
    password,
    passwordHash: password,
    fullName: `Bearer ${token}`,
    email: `${jwt}`,
    role: { nested: { password } },
  };
  await temporary.database.write(async (tx) => {
    await record(tx, 'user.create', 'eve', { after });
    await record(tx, 'token.create', 'ci', { after: { name: token, secret: password, hash: password, hint: 'wxyz' } });
    await record(tx, 'user.password', 'eve', { after: { password, mustChangePassword: true } });
  });
  const text = JSON.stringify(await events());
  for (const canary of canaries) expect(text).not.toContain(canary);
  expect(text).toContain('wxyz');
});

test('what a client writes is one line of bounded length', async () => {
  const hostile = `a\r\nfake: line\u001b[31m\u2028\u202egnp.exe${'x'.repeat(100_000)}`;
  audit.note('sign-in-failed', hostile, {
    actor: 'anonymous',
    address: hostile,
    userAgent: hostile,
    requestId: hostile,
  });
  audit.note('push', 'team/app', origin, { reference: hostile, after: { tags: [hostile] } });
  await audit.flush();
  for (const event of await events()) {
    const line = JSON.stringify(event);
    expect(line.length).toBeLessThan(2048);
    expect(line).not.toMatch(/\\[rn]|\\u001b|[\u2028\u202e]/);
  }
});

test('pulls are counted by actor, repository, reference and hour', async () => {
  const from = () => ({ address: '10.0.0.1', userAgent: 'docker', requestId: 'r' });
  for (let round = 0; round < 3; round++) {
    for (let pull = 0; pull < 1000; pull++) audit.pulled(ada, app, v1, from);
    audit.pulled(anonymous, app, v1, from);
    await audit.flush();
    now += 1000;
  }
  now += hour;
  audit.pulled(ada, app, v1, from);
  await audit.flush();
  const counts = (await events()).map(({ actor, count, reference }) => [actor, count, reference]);
  expect(counts).toEqual([
    ['user:ada', 1, 'v1'],
    ['anonymous', 3, 'v1'],
    ['user:ada', 3000, 'v1'],
  ]);
});

test('pages go on where the last one ended, in both orders, and filters combine', async () => {
  for (let number = 0; number < 25; number++) {
    audit.note(number % 2 ? 'push' : 'tag.delete', 'team/app', origin, { reference: `v${number}` });
    if (number % 3 === 0) now++; // several within one millisecond
  }
  audit.note('push', 'team/other', { ...origin, actor: 'user:bob' });
  await audit.flush();
  for (const order of ['newest', 'oldest'] as const) {
    for (const filter of [
      {},
      { actor: 'user:ada' },
      { resource: 'repository:team/app', actor: 'user:ada' },
      { action: 'push' } as const,
    ]) {
      const whole = (await reader.page(filter, { limit: 100, order })).items.map(({ id }) => id);
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await reader.page(filter, { limit: 4, order, cursor });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(whole);
      expect(new Set(seen).size).toBe(whole.length);
    }
  }
  expect(await events({ actor: 'user:ada', action: 'push' })).toHaveLength(12);
  expect(await events({ actor: 'user:ada', result: 'denied' })).toEqual([]);
  expect(await events({ action: 'push', result: 'denied' })).toEqual([]);
  expect(await events({ actor: 'user:bob', resource: 'repository:team/app' })).toEqual([]);
  expect(await events({ to: new Date(Date.UTC(2030, 0, 1)) })).toEqual([]);
});

test('an export reads everything once', async () => {
  await noted(1200, (number) => `team/${number}`);
  const ids: number[] = [];
  for await (const piece of reader.all({ to: new Date(now + 1) })) ids.push(...piece.map(({ id }) => id));
  expect(ids).toHaveLength(1200);
  expect(new Set(ids).size).toBe(1200);
});

test('what is older than it is to be kept goes, and nothing else', async () => {
  await noted(300, () => 'team/old');
  now += 31 * 24 * hour;
  audit.note('push', 'team/new', origin);
  await audit.flush();
  const retention = new AuditRetention(temporary.database, 30);
  expect(await retention.sweep()).toBe(300);
  expect((await events()).map(({ resource }) => resource)).toEqual(['repository:team/new']);
});

test('a clock that was set forward takes nothing away until it has been so for a day', async () => {
  await noted(300, () => 'team/old');
  let steady = 0;
  clock.steady = () => steady;
  const right = now;
  const retention = new AuditRetention(temporary.database, 30);
  steady += 24 * hour;
  now = right + 400 * 24 * hour;
  expect(await retention.sweep()).toBe(0);
  now = right + 48 * hour; // it is right again
  steady += 24 * hour;
  expect(await retention.sweep()).toBe(0);
  now = right + 400 * 24 * hour;
  steady += 24 * hour;
  expect(await retention.sweep()).toBe(0);
  now += 24 * hour; // and stays so
  steady += 24 * hour;
  expect(await retention.sweep()).toBe(300);
});
