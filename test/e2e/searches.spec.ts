import { readdir, readFile } from 'node:fs/promises';
import { type Berth, type JsonAnswer, startBerth } from '../support/berth.js';
import { addSignedIn } from '../support/people.js';
import { until } from '../support/ports.js';

let berth: Berth;
let ann: string;
let bob: string;
beforeEach(async () => {
  berth = await startBerth();
  ann = await addSignedIn(berth, 'ann', { 'team/*': ['pull'] });
  bob = await addSignedIn(berth, 'bob', { 'team/*': ['pull'] });
});
afterEach(() => berth.stop());

const search = (token: string | undefined, q: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${berth.url}/api/v1/repositories?q=${q}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: signal ?? null,
  });
const stats = (token: string): Promise<JsonAnswer> => berth.api('GET', '/api/v1/stats', undefined, token);

/** The processes that search. */
async function searching(): Promise<number[]> {
  const tasks = await readdir(`/proc/${berth.pid}/task`);
  const lists = await Promise.all(tasks.map((task) => readFile(`/proc/${berth.pid}/task/${task}/children`, 'utf8')));
  return lists.flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
}

/** Makes the next search of whoever asks first one that does not end. */
async function stopSearching(): Promise<void> {
  expect((await search(ann, 'warm')).status).toBe(200);
  const [pid = 0] = await searching();
  process.kill(pid, 'SIGSTOP');
}

/** What was asked before this is under way. */
async function others(): Promise<void> {
  for (let round = 0; round < 5; round++) expect((await fetch(`${berth.url}/healthz`)).status).toBe(200);
}

test('a search that does not end holds up nobody else, and is told to be too much', async () => {
  await stopSearching();
  const endless = stats(ann);
  await others();
  for (let round = 0; round < 3; round++) {
    expect((await search(bob, 'x')).status).toBe(200);
    expect((await stats(bob)).status).toBe(200);
  }
  const { status, headers, body } = await endless;
  expect(status).toBe(503);
  expect(headers['retry-after']).toBe('30');
  expect(body).toMatchObject({ code: 'SEARCH_TIMEOUT', title: 'The search took too long' });
  expect((await search(ann, 'x')).status).toBe(200);
});

test('one that nobody waits for any more is ended, and whoever asked may ask again', async () => {
  await stopSearching();
  const [stopped] = await searching();
  const leaving = new AbortController();
  const left = expect(search(ann, 'x', leaving.signal)).rejects.toThrow('abort');
  leaving.abort();
  await left;
  await until('the search is ended', async () => !(await searching()).includes(stopped ?? 0));
  expect((await search(ann, 'x')).status).toBe(200);
  expect(berth.output()).not.toContain('"level":"error"');
});

test('whoever asks for everything at once is refused, and others are answered', async () => {
  await stopSearching();
  const flood = Array.from({ length: 300 }, (_, number) => search(ann, `x${number}`));
  await others();
  expect((await search(bob, 'x')).status).toBe(200);
  const answers = await Promise.all(flood);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers } of refused) expect(headers.get('retry-after')).toBe('2');
  expect(answers.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([]);
});

test('a search that does not end does not keep the server from ending', async () => {
  await stopSearching();
  const cut = search(ann, 'x').catch(() => undefined);
  await others();
  await search(bob, 'x');
  expect(await berth.stop()).toBe(0);
  await cut;
});

test.each(['groups', 'robots', 'users'])('a list of %s is searched there too, and holds up nobody', async (list) => {
  const ask = (query: string) => berth.api('GET', `/api/v1/${list}${query}`);
  expect((await ask('?q=x')).status).toBe(200);
  await stopSearching();
  const asked = ask('?q=x');
  await others();
  expect((await ask('')).status).toBe(200);
  const { status, body } = await asked;
  expect([status, body.code]).toEqual([503, 'SEARCH_TIMEOUT']);
});
