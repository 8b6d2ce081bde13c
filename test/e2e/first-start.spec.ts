import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBerth } from '../support/berth.js';
import type { Background } from '../support/child.js';
import { basic, send } from '../support/http.js';
import { allRoutes } from './matrix/routes.js';
import { nameOf, readTable } from './matrix/table.js';

/** T20, H7: nobody knows a password that the first start did not tell once. */
let directory: string;
let berth: Background;
let url: string;
let password: string;

async function start(): Promise<void> {
  berth = launchBerth(
    {
      BERTH_PORT: '0',
      BERTH_HOST: '127.0.0.1',
      BERTH_LOG_FORMAT: 'json',
      BERTH_DATA_DIR: directory,
      BERTH_LOGIN_FAILURES: '1000',
    },
    directory,
  );
  const [line] = await berth.waitFor(/^.*"msg":"listening".*$/m);
  url = new URL(JSON.parse(line).url).origin;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-first-'));
  await start();
  const [, told = ''] = await berth.waitFor(/password\s*:?\s+(\S{20,})/i);
  password = told;
});

afterAll(async () => {
  await berth.stop();
  await rm(directory, { recursive: true, force: true });
});

const login = (username: string, given: string) =>
  send(url, '/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: given }),
  });

test('no password that others ship opens any door', async () => {
  for (const given of ['admin', 'admin123', 'password', 'Harbor12345', 'changeme', 'berth', '']) {
    const headers = { authorization: basic('admin', given) };
    const doors = [
      await login('admin', given),
      await send(url, '/v2/', { headers }),
      await send(url, '/token?service=berth', { headers }),
    ];
    expect([given, ...doors.map(({ status }) => status)]).toEqual([given, 401, 401, 401]);
  }
});

test('the one that was made opens nothing but the way to change it', async () => {
  const answer = await login('admin', password);
  expect(answer.status).toBe(200);
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const page = await send(url, '/password', { headers: { cookie } });
  expect(page.status).toBe(200);
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.body.toString())?.[1] ?? '';

  const routes = (await allRoutes()).filter(({ surface }) => surface === 'api' || surface === 'page');
  const reached: string[] = [];
  for (const route of routes) {
    const path = route.path.replaceAll(/\{\w+\}/g, 'x');
    const headers = { cookie, 'x-csrf-token': csrf };
    if (/logout|sign-out|sign-in|login/.test(path)) continue;
    const { status, headers: told } = await send(url, path, { method: route.method, headers });
    const led = status === 303 && told.location?.startsWith('/password');
    if (status !== 403 && !led) reached.push(nameOf(route));
  }
  const forEverybody = readTable()
    .filter(({ cells, path }) => cells.anonymous === 'ok' && (!path.includes('{name}') || path === '/r/{name}'))
    .map(nameOf);
  const change = ['GET /password', 'POST /password', 'PUT /api/v1/auth/password'];
  expect(reached.length).toBeGreaterThan(8);
  expect(reached.filter((name) => !forEverybody.includes(name) && !change.includes(name))).toEqual([]);
  for (const path of ['/v2/', '/token?service=berth'])
    expect((await send(url, path, { headers: { authorization: basic('admin', password) } })).status).toBe(401);
});

test('it is told once, and kept in one file alone', async () => {
  expect(berth.output.split(password)).toHaveLength(2);
  await berth.stop();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.name === 'initial-password') continue; // first-password.spec.ts
    if (entry.isFile()) expect(await readFile(join(entry.parentPath, entry.name), 'latin1')).not.toContain(password);
  }
  await start();
  expect((await login('admin', password)).status).toBe(200);
  expect(berth.output).not.toContain(password);
});
