import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { type Berth, startBerth } from '../support/berth.js';
import { addSignedIn } from '../support/people.js';
import { residentBytes } from '../support/resident.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

/** More than a connection holds, so that the end of it is written after whatever is done meanwhile. */
const events = 60_000;
beforeAll(() => {
  const database = new Sqlite(join(berth.dataDir, 'berth.db'));
  database
    .prepare(
      `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
       INSERT INTO audit_events (at, last_at, action, result, actor, resource, reference, address, user_agent, request_id, detail)
       SELECT n, n, 'push', 'ok', 'user:ann', 'repository:team/app', '', '', ?, '', '{}' FROM numbers`,
    )
    .run(events, 'x'.repeat(250));
  database.close();
});

test('three hundred exports that are read slowly hold a small piece each', async () => {
  const session = await berth.signIn(berth.admin.username, berth.admin.password);
  const head = `GET /api/v1/audit.ndjson HTTP/1.1\r\nHost: ${berth.host}\r\nAuthorization: Bearer ${session}\r\n\r\n`;
  const before = await residentBytes(berth.pid);
  const sockets = Array.from({ length: 300 }, () => {
    const socket = connect(Number(new URL(berth.url).port), '127.0.0.1').on('error', () => undefined);
    socket.write(head);
    return socket.on('readable', () => undefined); // reads when it is told to
  });
  let most = 0;
  for (let time = 0; time < 40; time++) {
    for (const socket of sockets) socket.read(1_024);
    most = Math.max(most, await residentBytes(berth.pid));
    await delay(250);
  }
  for (const socket of sockets) socket.destroy();
  expect(most - before).toBeLessThan(64 * 1024 * 1024);
});

test('an export breaks off when whoever asked for it is an administrator no more', async () => {
  const session = await addSignedIn(berth, 'eve');
  await berth.api('PATCH', '/api/v1/users/eve', { role: 'admin' });
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
