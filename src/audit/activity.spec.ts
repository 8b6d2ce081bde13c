import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { clock } from '../async/clock.js';
import { Activity } from './activity.store.js';
import { insertEvent } from './audit-events.store.js';
import { newEvent } from './new-event.js';

const now = Date.parse('2027-03-02T12:00:00Z');
clock.wall = () => now;

const all = { sql: `SELECT id, name FROM repositories WHERE name <> ?`, values: ['hidden'] };

let temporary: TemporaryDatabase;
let activity: Activity;
beforeEach(async () => {
  temporary = await temporaryDatabase({ entities: [] });
  activity = new Activity(temporary.database);
  await temporary.database.write(async (tx) => {
    for (const [name, made] of [
      ['app', '2027-02-01'],
      ['young', '2027-03-01'],
      ['hidden', '2027-01-01'],
    ] as const)
      await tx.sql`INSERT INTO repositories (name, visibility, created_at, updated_at)
        VALUES (${name}, 'private', ${Date.parse(made)}, 0)`;
  });
});
afterEach(() => temporary.remove());

async function happened(action: 'push' | 'pull' | 'tag.delete', name: string, at: string, count = 1): Promise<void> {
  const origin = { actor: 'user:ada', address: '', userAgent: '', requestId: '' };
  const change = { reference: 'v1', ...(action === 'push' && { after: { digest: 'sha256:a', tags: ['v1'] } }) };
  await temporary.database.write(async (tx) => {
    await insertEvent(tx, { ...newEvent(action, name, origin, change), at: Date.parse(at) });
    await tx.sql`UPDATE audit_events SET count = ${count} WHERE id = (SELECT MAX(id) FROM audit_events)`;
  });
}

it('sums what is counted, day by day in UTC, and has days of nothing', async () => {
  await happened('pull', 'app', '2027-03-02T00:00:00Z', 5);
  await happened('pull', 'app', '2027-03-02T11:00:00Z', 2);
  await happened('pull', 'young', '2027-03-02T01:00:00Z', 10);
  await happened('push', 'app', '2027-02-28T23:59:59.999Z');
  await happened('push', 'app', '2027-02-27T23:59:59.999Z');
  await happened('tag.delete', 'app', '2027-03-02T01:00:00Z');
  expect(await activity.byDay(all, 3)).toEqual([
    { day: '2027-02-28', pulls: 0, pushes: 1 },
    { day: '2027-03-01', pulls: 0, pushes: 0 },
    { day: '2027-03-02', pulls: 17, pushes: 0 },
  ]);
});

it('tells nothing of other repositories', async () => {
  await happened('pull', 'hidden', '2027-03-02T01:00:00Z');
  await happened('push', 'hidden', '2027-03-02T01:00:00Z');
  expect(await activity.pushes(all, { days: 30, limit: 10 })).toEqual([]);
  expect((await activity.byDay(all, 30)).every(({ pulls, pushes }) => pulls + pushes === 0)).toBe(true);
});

it('goes by the repository, whatever bears its name later and whatever name it bears', async () => {
  await happened('push', 'young', '2027-03-01T01:00:00Z');
  await happened('pull', 'young', '2027-03-02T01:00:00Z', 4);
  await happened('push', 'app', '2027-03-01T02:00:00Z');
  await temporary.database.write(async (tx) => {
    await tx.sql`DELETE FROM repositories WHERE name = 'young'`;
    await tx.sql`UPDATE repositories SET name = 'young' WHERE name = 'app'`;
  });
  await happened('push', 'young', '2027-03-01T03:00:00Z');
  const pushes = await activity.pushes(all, { days: 30, limit: 10 });
  expect(pushes.map(({ repository, at }) => [repository, at.getUTCHours()])).toEqual([
    ['young', 3],
    ['young', 2],
  ]);
  expect((await activity.byDay(all, 1))[0]).toMatchObject({ pulls: 0 });
});

it('lists the latest pushes first', async () => {
  for (const [name, at] of [
    ['app', '2027-03-01T01:00:00Z'],
    ['young', '2027-03-01T02:00:00Z'],
    ['app', '2027-03-01T03:00:00Z'],
    ['app', '2027-02-20T03:00:00Z'],
  ] as const)
    await happened('push', name, at);
  await happened('pull', 'app', '2027-03-02T01:00:00Z');
  const pushes = await activity.pushes(all, { days: 5, limit: 2 });
  expect(pushes).toEqual([
    { repository: 'app', reference: 'v1', digest: 'sha256:a', at: new Date('2027-03-01T03:00:00Z'), actor: 'user:ada' },
    { repository: 'young', reference: 'v1', digest: 'sha256:a', at: expect.any(Date), actor: 'user:ada' },
  ]);
  expect(await activity.pushes(all, { days: 5, limit: 10 })).toHaveLength(3);
});

it('reads nothing but its index, however many events there are', async () => {
  const asked: { sql: string; values: readonly unknown[] }[] = [];
  const listening = new Activity({
    search: async (sql, values = []) => {
      asked.push({ sql, values });
      return [];
    },
  });
  await listening.byDay(all, 30);
  await listening.pushes(all, { days: 30, limit: 10 });
  for (const { sql, values } of asked) {
    const plan = await temporary.database.read.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, [...values]);
    const steps = plan.map(({ detail }) => detail).filter((step) => /^(SEARCH|SCAN) [ep] /.test(step));
    const index =
      /^SEARCH [ep] USING COVERING INDEX audit_events_repository \(repository_id=\? AND action=\? AND at>\?/;
    expect(steps.some((step) => index.test(step))).toBe(true);
    for (const step of steps.filter((one) => !index.test(one)))
      expect(step).toBe('SEARCH e USING INTEGER PRIMARY KEY (rowid=?)'); // the few that are shown
  }
  expect(asked).toHaveLength(2);
});
