import { type Berth, startBerth } from '../support/berth.js';
import { basic, jsonOf, send } from '../support/http.js';
import { buildImage, KiB } from '../support/images.js';
import { RawConnection } from '../support/raw-connection.js';
import { RegistryClient } from '../support/registry-client.js';
import { allRoutes } from './matrix/routes.js';

const routes = await allRoutes();
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

/** A path of the route with something in the place of its names. */
const example = (path: string): string =>
  path
    .replace('{digest}', `sha256:${'0'.repeat(64)}`)
    .replace(/\{(?:id|session)\}/, '1')
    .replaceAll(/\{\w+\}/g, 'x');

/** By path, as the table of routes has them. */
const served = new Map<string, Set<string>>();
for (const { method, path } of routes) {
  const known = served.get(path) ?? new Set<string>();
  served.set(path, known.add(method));
  if (method === 'GET') known.add('HEAD');
}

test.each([...served.keys()])('405 at %s names what is there', async (path) => {
  for (const method of methods) {
    const answer = await send(berth.url, example(path), { method });
    if (answer.status !== 405) continue;
    const allowed = new Set(answer.headers.allow?.split(', '));
    expect([method, allowed.has(method), allowed.size > 0]).toEqual([method, false, true]);
    for (const other of served.get(path) ?? [])
      expect([path, method, allowed.has(other)]).toEqual([path, method, true]);
  }
  // PROPFIND is nowhere, so this cannot pass for want of a 405.
  expect((await send(berth.url, example(path), { method: 'PROPFIND' })).status).toBe(405);
});

test('the API says so as a problem, the console as a page', async () => {
  const answer = await send(berth.url, '/api/v1/auth/login', { method: 'PUT' });
  expect([answer.status, answer.headers.allow, jsonOf(answer).code]).toEqual([405, 'POST', 'UNSUPPORTED']);
  const page = await send(berth.url, '/sign-in', { method: 'DELETE' });
  expect([page.status, page.headers.allow, page.headers['content-type']]).toEqual([
    405,
    'GET, POST, HEAD',
    expect.stringMatching(/^text\/html/),
  ]);
  expect((await send(berth.url, '/api/v1/nothing', { method: 'PUT' })).status).toBe(404);
});

test('what may not be done for now says what may', async () => {
  const client = await RegistryClient.open(berth.url, berth.admin);
  const image = buildImage({ seed: 'allowed', layers: [KiB] });
  await client.push('team/app', '1', image);
  const { username, password } = berth.admin;
  const headers = { authorization: basic(username, password) };
  const blob = await send(berth.url, `/v2/team/app/blobs/${image.config.digest}`, { method: 'DELETE', headers });
  expect([blob.status, blob.headers.allow]).toEqual([405, 'GET, HEAD']);
  const fixed = await startBerth({ env: { BERTH_DELETE_ENABLED: 'false' } });
  try {
    await (await RegistryClient.open(fixed.url, fixed.admin)).push('team/app', '1', image);
    const own = { authorization: basic(fixed.admin.username, fixed.admin.password) };
    const tag = await send(fixed.url, '/v2/team/app/manifests/1', { method: 'DELETE', headers: own });
    expect([tag.status, tag.headers.allow]).toEqual([405, 'GET, HEAD, PUT']);
    const { status, headers: said } = await fixed.api('DELETE', '/api/v1/repositories/team%2Fapp');
    expect([status, said.allow?.split(', ').sort()]).toEqual([405, ['GET', 'HEAD', 'PATCH']]);
  } finally {
    await fixed.stop();
  }
});

test('CONNECT is told too', async () => {
  const connection = await RawConnection.open(berth.url);
  connection.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
  const answer = await connection.answer();
  expect([answer?.status, answer?.headers.get('allow')]).toEqual([405, ['GET, HEAD, POST, PUT, PATCH, DELETE']]);
  connection.close();
});
