import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../test/support/berth.js';
import { basic, send } from '../test/support/http.js';
import { addUser } from '../test/support/people.js';
import { fillWithGrants, repositoryOf, type Scale, userOf } from './support/many-grants.js';
import { processorMilliseconds } from './support/processor.js';
import { print, type Row } from './support/row.js';

/**
 * 1 000 users × 1 000 repositories with 1 000 000 grants, asked for over HTTP, one request after the other. Bars are for the 99th
 * percentile. A busy machine slows every answer: see what one takes that asks no database, and what the server itself computed.
 */
const scale: Scale = { users: 1_000, repositories: 1_000, grants: 1_000_000 };
const rounds = 2_000;
const changes = 300;

const dataDir = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const berth = await startBerth({ dataDir });
const { password } = await addUser(berth, 'model');
await berth.kill();
const grants = fillWithGrants(dataDir, 'model', scale);
await berth.restart();

const users = Array.from({ length: 20 }, (_, i) => userOf(i * 37));
const bearers = new Map<string, string>();
for (const user of users) bearers.set(user, await berth.signIn(user, password));
const admin = await berth.signIn(berth.admin.username, berth.admin.password);
const anyNumber = (below: number) => randomBytes(4).readUInt32LE() % below;
const anyUser = () => users[anyNumber(users.length)] ?? '';
const anyRepository = () => repositoryOf(anyNumber(scale.repositories));
const agent = new Agent({ keepAlive: true });
const rows: Row[] = [];

/** The answer with the milliseconds until all of it was here; throws for another status. */
async function ask(status: number, method: string, path: string, authorization?: string, body?: object) {
  const started = performance.now();
  const headers = { accept: 'application/json', ...(authorization && { authorization }) };
  const json = body && { 'content-type': 'application/json' };
  const question = { method, headers: { ...headers, ...json }, body: body && JSON.stringify(body), agent };
  const answer = await send(berth.url, path, question);
  const taken = performance.now() - started;
  if (answer.status !== status) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
  return { taken, body: answer.body.length === 0 ? undefined : JSON.parse(answer.body.toString()) };
}
const get = (path: string, bearer: string) => ask(200, 'GET', path, `Bearer ${bearer}`);

async function token(user: string, scope: string) {
  const path = `/token?service=berth&scope=${encodeURIComponent(scope)}`;
  const { taken, body } = await ask(200, 'GET', path, basic(user, password));
  const [, claims = ''] = String(body.token).split('.');
  const { access } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { access: { actions: string[] }[] };
  return { taken, actions: access[0]?.actions ?? [] };
}

/** Does it so many times; it answers the milliseconds that each kind of request took. */
async function measure(times: number, bars: Record<string, number>, once: (turn: number) => Promise<number[]>) {
  const kinds = Object.entries(bars);
  const taken: number[][] = kinds.map(() => []);
  const before = processorMilliseconds(berth.pid);
  for (let turn = 0; turn < times; turn++) {
    for (const [kind, figure] of (await once(turn)).entries()) taken[kind]?.push(figure);
  }
  const processor = (processorMilliseconds(berth.pid) - before) / times;
  for (const [kind, [measured, atMost]] of kinds.entries()) {
    const figures = taken[kind] ?? [];
    const less = { better: 'less', unit: 'ms' } as const;
    rows.push({
      ...less,
      measure: `${measured}, p99`,
      figures: { berth: [percentile(figures, 0.99)] },
      bar: { atMost },
    });
    rows.push({ ...less, measure: `${measured}, median`, figures: { berth: [percentile(figures, 0.5)] } });
  }
  const measured = kinds.map(([kind]) => kind).join(' + ');
  rows.push({ measure: `${measured}, processor`, unit: 'ms', better: 'less', figures: { berth: [processor] } });
}

await measure(rounds, { 'no database': 20 }, async () => [(await ask(200, 'GET', '/healthz')).taken]);

for (const user of users) await token(user, `repository:${repositoryOf(0)}:pull`); // the passwords are known from here on
await measure(rounds, { 'token for one scope': 20 }, async () => [
  (await token(anyUser(), `repository:${anyRepository()}:pull,push,delete`)).taken,
]);

await measure(rounds, { 'a page of what I see': 100 }, async () => {
  const after = Buffer.from(anyRepository()).toString('base64url');
  const bearer = bearers.get(anyUser()) ?? '';
  const { taken, body } = await get(`/api/v1/repositories?limit=50&cursor=${after}`, bearer);
  if (body.nextCursor !== undefined && body.items.length !== 50) throw new Error('a page is not full');
  return [taken];
});
await measure(changes, { 'a page of what I search': 100 }, async (turn) => [
  (await get(`/api/v1/repositories?limit=50&q=${turn % 2 ? 'nowhere' : `${turn}`}`, bearers.get(anyUser()) ?? ''))
    .taken,
]);

let late = 0;
await measure(changes, { grant: 20, 'token after it': 20, revoke: 20, 'and after that': 20 }, async (turn) => {
  const name = anyUser();
  const grant = { subject: { type: 'user', name }, pattern: `fresh/app${turn}`, actions: ['push'] };
  const scope = `repository:${grant.pattern}:push`;
  const given = await ask(201, 'PUT', '/api/v1/permissions', `Bearer ${admin}`, grant);
  const may = await token(name, scope);
  const gone = await ask(204, 'DELETE', `/api/v1/permissions/${given.body.id}`, `Bearer ${admin}`);
  const mayNot = await token(name, scope);
  if (!may.actions.includes('push') || mayNot.actions.length > 0) late++;
  return [given, may, gone, mayNot].map(({ taken }) => taken);
});

await measure(changes, { explain: 100, 'rights on a repository': 100, 'rights of a user': 100 }, async () => {
  const name = anyRepository();
  const asked = [
    `permissions/explain?user=${anyUser()}&repository=${name}`,
    `repositories/${encodeURIComponent(name)}/permissions`,
    `users/${anyUser()}/permissions`,
  ];
  const taken: number[] = [];
  for (const path of asked) taken.push((await get(`/api/v1/${path}`, admin)).taken);
  return taken;
});

agent.destroy();
await berth.stop();
await rm(dataDir, { recursive: true });
print(rows);
console.log(`${grants} grants; ${late} of ${changes} changes were not effective on the next request`);
if (late > 0) process.exitCode = 1;

function percentile(figures: readonly number[], part: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}
