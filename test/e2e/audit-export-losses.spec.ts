import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { addSignedIn } from '../support/people.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

/** More than the connection holds, so that the end of it is written after the right is gone. */
const events = 60_000;

test('an export breaks off when whoever asked for it is an administrator no more', async () => {
  const session = await addSignedIn(berth, 'eve');
  await berth.api('PATCH', '/api/v1/users/eve', { role: 'admin' });
  const database = new Sqlite(join(berth.dataDir, 'berth.db'));
  database
    .prepare(
      `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
       INSERT INTO audit_events (at, last_at, action, result, actor, resource, reference, address, user_agent, request_id, detail)
       SELECT n, n, 'push', 'ok', 'user:ann', 'repository:team/app', '', '', ?, '', '{}' FROM numbers`,
    )
    .run(events, 'x'.repeat(250));
  database.close();
  const whole = async () => {
    const answer = await fetch(`${berth.url}/api/v1/audit.ndjson`, { headers: { authorization: `Bearer ${session}` } });
    return answer.body?.getReader();
  };
  const reader = await whole();
  const first = await reader?.read();
  expect(first?.value?.length).toBeGreaterThan(0);
  expect((await berth.api('PATCH', '/api/v1/users/eve', { role: 'user' })).status).toBe(200);
  const rest = async () => {
    for (;;) if ((await reader?.read())?.done !== false) return 'whole';
  };
  await expect(rest()).rejects.toThrow('terminated');
});
