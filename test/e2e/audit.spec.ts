import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { buildImage } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';

interface Named {
  readonly kind: string;
  readonly name?: string;
}
interface Event {
  readonly id: number;
  readonly action: string;
  readonly result: string;
  readonly count: number;
  readonly actor: Named;
  readonly resource: Named | null;
  readonly reference: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly detail: { before?: Record<string, unknown>; after?: Record<string, unknown> };
}

let berth: Berth;
let admin: string;
beforeAll(async () => {
  berth = await startBerth();
  admin = await berth.signIn('admin', berth.admin.password);
});
afterAll(() => berth.stop());

const asAdmin = () => ({ authorization: `Bearer ${admin}` });
const get = (path: string, headers: Record<string, string> = asAdmin()) =>
  fetch(`${berth.url}/api/v1/${path}`, { headers });
const change = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${berth.url}/api/v1/${path}`, {
    method,
    headers: { ...asAdmin(), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
async function events(query: string): Promise<Event[]> {
  const response = await get(`audit?${query}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: Event[] }).items;
}
/** What is written down off the hot path is there within moments. */
async function soon(
  query: string,
  enough: (found: Event[]) => boolean = (found) => found.length > 0,
): Promise<Event[]> {
  let found: Event[] = [];
  await until(query, async () => {
    found = await events(query);
    return enough(found);
  });
  return found;
}
const password = () => randomBytes(12).toString('base64url');

test('an administrative change names who, from where, in which request, before and after', async () => {
  await change('POST', 'users', { username: 'carl', password: password(), role: 'user' });
  await change(
    'PATCH',
    'users/carl',
    { role: 'admin', fullName: 'Carl' },
    { 'x-request-id': 'change-1', 'user-agent': 'spec/1' },
  );
  const [event] = await events('action=user.update&resource=user:carl');
  expect(event).toMatchObject({
    actor: { kind: 'user', name: 'admin' },
    resource: { kind: 'user', name: 'carl' },
    result: 'ok',
    address: '127.0.0.1',
    userAgent: 'spec/1',
    requestId: 'change-1',
    detail: { before: { role: 'user', fullName: null }, after: { role: 'admin', fullName: 'Carl' } },
  });
  await change('DELETE', 'users/carl');
  expect((await events('resource=user:carl')).map(({ action }) => action)).toEqual([
    'user.delete',
    'user.update',
    'user.create',
  ]);
});

test('sign-ins are written down', async () => {
  const [event] = await events('action=sign-in&actor=admin');
  expect(event).toMatchObject({ actor: { kind: 'user', name: 'admin' }, result: 'ok', address: '127.0.0.1' });
});

test('pushes, counted pulls, denials and deletions of the data plane', async () => {
  const registry = await RegistryClient.open(berth.url, berth.admin);
  const image = buildImage({ seed: 'audited', layers: [1000] });
  await registry.push('team/audited', 'v1', image);
  const token = await berth.token('admin', berth.admin.password, 'repository:team/audited:pull,push,delete');
  const headers = { authorization: `Bearer ${token}` };
  const manifest = `${berth.url}/v2/team/audited/manifests/v1`;
  for (let pull = 0; pull < 5; pull++) expect((await fetch(manifest, { headers })).status).toBe(200);
  const [pulled] = await soon('action=pull&resource=team/audited', ([first]) => first?.count === 5);
  expect(pulled).toMatchObject({ actor: { kind: 'user', name: 'admin' }, reference: 'v1', count: 5 });

  await change('POST', 'users', { username: 'dora', password: 'seven-brown-bears', role: 'user' });
  const dora = await berth.token('dora', 'seven-brown-bears', 'repository:team/audited:pull');
  await fetch(manifest, { headers: { authorization: `Bearer ${dora}` } });
  const [denied] = await soon('result=denied&actor=dora');
  expect(denied).toMatchObject({ action: 'denied', resource: { kind: 'repository', name: 'team/audited' } });

  expect((await fetch(manifest, { method: 'DELETE', headers })).status).toBe(202);
  const actions = (await events('resource=team/audited&sort=at')).map(({ action }) => action);
  expect(actions[0]).toBe('repository.create');
  expect(actions).toEqual(expect.arrayContaining(['push', 'tag.delete']));
  const [push] = await events('action=push&resource=team/audited');
  expect(push).toMatchObject({ actor: { name: 'admin' }, reference: 'v1', detail: { after: { tags: ['v1'] } } });
});

test('only an administrator reads it, and nobody changes it', async () => {
  await change('POST', 'users', { username: 'eve', password: 'nine-green-geese', role: 'user' });
  const login = await berth.api('POST', '/api/v1/auth/login', { username: 'eve', password: 'nine-green-geese' });
  const eve = (login.body as { accessToken: string }).accessToken;
  for (const path of ['audit', 'audit.ndjson', 'audit.csv']) {
    expect((await get(path, { authorization: `Bearer ${eve}` })).status).toBe(403);
    expect((await get(path, {})).status).toBe(401);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect((await change(method, path)).status).toBe(405);
  }
});

test.each([
  'action=nothing',
  'action=push&action=pull',
  'sort=id;drop table audit_events',
  'sort=actor',
  'from=yesterday',
  'address=example.org',
  'cursor=MQ',
  'limit=1000',
  'order=at',
  'result=great',
])('%s is refused', async (query) => {
  expect((await get(`audit?${query}`)).status).toBe(400);
});

test('quotes and wildcards in a filter are text', async () => {
  for (const text of ["' OR 1=1 --", '%', '*', '"; DROP TABLE audit_events; --']) {
    expect(await events(`actor=${encodeURIComponent(text)}`)).toEqual([]);
    expect(await events(`resource=${encodeURIComponent(text)}`)).toEqual([]);
  }
});

test('pages follow each other, newest first, by Link and nextCursor', async () => {
  const first = await get('audit?limit=2');
  const { items, nextCursor } = (await first.json()) as { items: Event[]; nextCursor: string };
  expect(first.headers.get('link')).toContain(`cursor=${nextCursor}`);
  const next = await events(`limit=2&cursor=${nextCursor}`);
  const ids = [...items, ...next].map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => b - a));
  expect(new Set(ids).size).toBe(4);
});

test('exports hold the current filter, one line each, and no formulas', async () => {
  const name = 'team/formulas';
  await change(
    'POST',
    'repositories',
    { name, description: '=HYPERLINK("http://evil","x")', visibility: 'private' },
    {
      'user-agent': '=cmd|calc!A1',
    },
  );
  const ndjson = await (await get(`audit.ndjson?resource=${name}`)).text();
  const lines = ndjson
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  expect(lines.map(({ action }) => action)).toEqual(['repository.create']);

  const response = await get(`audit.csv?resource=${name}`);
  expect(response.headers.get('content-type')).toContain('text/csv');
  expect(response.headers.get('content-disposition')).toContain('attachment');
  const csv = (await response.text()).split('\r\n');
  expect(csv).toHaveLength(3);
  expect(csv[0]).toMatch(/^id,at,lastAt,count,action/);
  expect(csv[1]).toContain(`,"'=cmd|calc!A1",`);
  expect(csv[1]).not.toMatch(/(^|,)"?[=+@-]/);
});

test('secrets are in no line of it: passwords, tokens and secrets, right and wrong ones', async () => {
  const canaries = {
    user: `canary-${password()}`,
    changed: `canary-${password()}`,
    wrong: `canary-${password()}`,
    asName: `canary-${password()}`,
  };
  await change('POST', 'users', { username: 'finn', password: canaries.user, role: 'user' });
  await change('POST', 'users/finn/password-reset', { password: canaries.changed });
  await berth.api('POST', '/api/v1/auth/login', { username: 'finn', password: canaries.wrong });
  await berth.api('POST', '/api/v1/auth/login', { username: canaries.asName, password: canaries.wrong });
  const made = await change('POST', 'tokens', { name: 'ci' });
  const robot = await change('POST', 'robots', { namespace: 'team', name: 'bot' });
  const secrets = [await made.text(), await robot.text()].flatMap((text) => text.match(/berth_[a-z]{3}_\w+/g) ?? []);
  expect(secrets).toHaveLength(2);
  await soon('action=sign-in-failed&resource=user:finn');

  const everything = await (await get('audit.ndjson')).text();
  const log = berth.output();
  const database = await readFile(join(berth.dataDir, 'berth.db'), 'latin1');
  const wal = await readFile(join(berth.dataDir, 'berth.db-wal'), 'latin1');
  for (const canary of [...Object.values(canaries), ...secrets, admin, berth.admin.password]) {
    for (const place of [everything, log, database, wal]) expect(place.includes(canary)).toBe(false);
  }
});
