import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { openConsole } from '../support/console-session.js';
import { basic, jsonOf, send } from '../support/http.js';

const days = (count: number) => count * 86_400_000;
/** Reads by how much the clock is ahead out of a file, whenever it is asked. */
const clockOf = (file: string) => `
  import { readFileSync } from 'node:fs';
  const { now } = Date;
  const ahead = () => Number(readFileSync(${JSON.stringify(file)}, 'utf8'));
  Date.now = () => now() + ahead();
  globalThis.Date = new Proxy(Date, {
    construct: (date, values, target) => Reflect.construct(date, values.length === 0 ? [Date.now()] : values, target),
  });`;

let directory: string;
let berth: Berth;
const ahead = (milliseconds: number) => writeFile(join(directory, 'ahead'), String(milliseconds));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-clock-'));
  await ahead(0);
  const clock = `data:text/javascript,${encodeURIComponent(clockOf(join(directory, 'ahead')))}`;
  berth = await startBerth({ env: { NODE_OPTIONS: `--import=${clock}` } });
});
afterEach(async () => {
  await berth.stop();
  await rm(directory, { recursive: true });
});

/** What somebody gets who signs in everywhere now; each tells whether it is still good. */
async function signIns(): Promise<Record<string, () => Promise<boolean>>> {
  const { username, password } = berth.admin;
  const bearer = await berth.signIn(username, password);
  const page = await openConsole(berth);
  const query = `service=berth&account=${username}&client_id=docker&offline_token=true`;
  const login = await send(berth.url, `/token?${query}`, { headers: { authorization: basic(username, password) } });
  const { token, refresh_token } = jsonOf(login);
  const form = { grant_type: 'refresh_token', service: 'berth', client_id: 'docker', refresh_token };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const refresh = () => send(berth.url, '/token', { method: 'POST', headers, body: `${new URLSearchParams(form)}` });
  return {
    bearer: async () => (await berth.api('GET', '/api/v1/users', undefined, bearer)).status === 200,
    page: async () => (await page('/users')).status === 200,
    'refresh token': async () => (await refresh()).status === 200,
    'registry token': async () =>
      (await send(berth.url, '/v2/', { headers: { authorization: `Bearer ${token}` } })).status === 200,
  };
}

async function good(ways: Record<string, () => Promise<boolean>>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, isGood] of Object.entries(ways)) if (await isGood()) found.push(name);
  return found;
}

const all = ['bearer', 'page', 'refresh token', 'registry token'];

test('what is signed in while the clock is years ahead is not good for years when it is put right', async () => {
  await ahead(days(3650));
  const wrong = await signIns();
  expect(await good(wrong)).toEqual(all);
  await ahead(0);
  expect(await good(wrong)).toEqual([]);
  // Nor does it take the place of others, or stand in a list.
  const right = await signIns();
  expect(await good(right)).toEqual(all);
  const { items } = (await berth.api('GET', '/api/v1/auth/sessions')).body;
  const latest = Math.max(...items.map(({ createdAt }: { createdAt: string }) => Date.parse(createdAt)));
  expect(latest).toBeLessThan(Date.now() + days(1));
});

test('a clock that is put right by hours signs nobody out', async () => {
  await ahead(days(0.2));
  const ways = await signIns();
  await ahead(0);
  const kept = await good(ways);
  expect(kept).toEqual(expect.arrayContaining(['bearer', 'page', 'refresh token']));
});

test('a key that was retired while the clock was years ahead is not trusted for years', async () => {
  const keys = async () => (await berth.api('GET', '/.well-known/jwks.json', undefined, null)).body.keys.length;
  await ahead(days(3650));
  const token = await berth.signIn(berth.admin.username, berth.admin.password);
  expect((await berth.api('POST', '/api/v1/system/keys:rotate', undefined, token)).status).toBeLessThan(300);
  expect(await keys()).toBe(2);
  await ahead(0);
  expect(await keys()).toBe(1);
});
