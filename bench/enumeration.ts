/**
 * Whether the time of an answer tells who has an account (T27): 200 names that exist and 200 that do not, one wrong password
 * each, in random order, one after the other. The machine's other work slows both alike.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { startBerth } from '../test/support/berth.js';
import { basic, send } from '../test/support/http.js';
import { addUser } from '../test/support/people.js';
import { median, print, type Row } from './support/row.js';

const names = 200;
const rows: Row[] = [];
const agent = new Agent({ keepAlive: true });
const dataDir = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const berth = await startBerth({ dataDir });

const doors: Record<string, (username: string, password: string) => Promise<{ status: number }>> = {
  'GET /token': (username, password) =>
    send(berth.url, '/token?service=berth', { agent, headers: { authorization: basic(username, password) } }),
  'POST /api/v1/auth/login': (username, password) =>
    send(berth.url, '/api/v1/auth/login', {
      ...{ agent, method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ username, password }),
    }),
};

try {
  const existing = Array.from({ length: names }, anyName);
  await addUsers(existing);
  for (const [door, knock] of Object.entries(doors)) {
    for (let warm = 0; warm < 20; warm++) await knock(anyName(), 'wrong');
    const attempts = shuffled([
      ...existing.map((name) => ({ name, known: true })),
      ...Array.from({ length: names }, () => ({ name: anyName(), known: false })),
    ]);
    const taken: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (const { name, known } of attempts) {
      const started = performance.now();
      const { status } = await knock(name, 'wrong');
      taken[known ? 'known' : 'unknown'].push(performance.now() - started);
      if (status !== 401) throw new Error(`${door} answered ${status}`);
    }
    const [known, unknown] = [median(taken.known), median(taken.unknown)];
    const less = { better: 'less' } as const;
    const apart = (Math.abs(known - unknown) / Math.max(known, unknown)) * 100;
    const area = areaUnderCurve(taken.known, taken.unknown);
    rows.push(
      { ...less, measure: `${door}, a name that exists, median`, unit: 'ms', figures: { berth: [known] } },
      { ...less, measure: `${door}, one that does not, median`, unit: 'ms', figures: { berth: [unknown] } },
      { ...less, measure: `${door}, medians apart`, unit: '%', figures: { berth: [apart] }, bar: { atMost: 10 } },
      { ...less, measure: `${door}, AUC`, unit: '', figures: { berth: [area] }, bar: { atMost: 0.6 } },
    );
  }
} finally {
  agent.destroy();
  await berth.stop();
  await rm(dataDir, { recursive: true });
}
print(rows);

/** All with the password of one, so that hashing it once will do. */
async function addUsers(usernames: readonly string[]): Promise<void> {
  await addUser(berth, 'model');
  await berth.kill();
  const file = new SqliteFile(join(dataDir, 'berth.db'));
  const copied = 'role, enabled, password_hash, must_change_password, created_at';
  const copy = file.prepare(
    `INSERT INTO users (username, ${copied}) SELECT ?, ${copied} FROM users WHERE username = 'model'`,
  );
  for (const username of usernames) copy.run(username);
  file.close();
  await berth.restart();
}

function anyName(): string {
  return `n${randomBytes(6).toString('hex')}`;
}

function shuffled<T>(list: readonly T[]): T[] {
  const rest = [...list];
  return Array.from(list, () => rest.splice(randomInt(rest.length), 1)).flat();
}

/** How often whoever guesses by the time of one answer of each kind which is which is right: 0.5 is chance, 1 always. */
function areaUnderCurve(some: readonly number[], others: readonly number[]): number {
  let longer = 0;
  for (const one of some) for (const other of others) longer += one > other ? 1 : one === other ? 0.5 : 0;
  const area = longer / (some.length * others.length);
  return Math.max(area, 1 - area);
}
