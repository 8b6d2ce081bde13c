import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { realmRoutes } from '../../src/realm/realm-routes.js';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, jsonOf, type Question, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';

let berth: Berth;
let ann: Credentials;

beforeAll(async () => {
  berth = await startBerth();
  ann = await addUser(berth, 'ann', { 'team/*': ['push'] });
});

afterAll(() => berth.stop());

const claims = (answer: Answer) => JSON.parse(Buffer.from(jsonOf(answer).token.split('.')[1], 'base64url').toString());
const authorization = () => basic(ann.username, ann.password);
const form = (changes: Record<string, string> = {}) =>
  `${new URLSearchParams({ grant_type: 'password', service: 'berth', ...ann, ...changes })}`;

function post(body: Question['body'], headers: Record<string, string> = {}, path = '/token'): Promise<Answer> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(berth.url, path, { method: 'POST', headers: { ...type, ...headers }, body });
}

describe('methods', () => {
  test('those of the table are answered, every other one is told which there are', async () => {
    const allowed = realmRoutes.map(({ method }) => method as string);
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const answer = await send(berth.url, '/token?service=berth', { method });
      if (allowed.includes(method)) expect(answer.status).not.toBe(405);
      else {
        expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allowed.join(', ')]);
        expect(jsonOf(answer)).toMatchObject({ error: 'invalid_request', errors: [{ code: 'UNSUPPORTED' }] });
      }
    }
  });

  test('HEAD has the headers of GET and nothing else, not even a refresh token nobody reads', async () => {
    const headers = { authorization: authorization() };
    const path = '/token?service=berth&client_id=docker&offline_token=true';
    const sessions = async () => {
      const session = await berth.signIn(ann.username, ann.password);
      const { body } = await berth.api('GET', '/api/v1/auth/sessions', undefined, session);
      return body.items.filter(({ kind }: { kind: string }) => kind === 'refresh-token').length;
    };
    const head = await send(berth.url, path, { method: 'HEAD', headers });
    expect([head.status, head.body.length, await sessions()]).toEqual([200, 0, 0]);
    const get = await send(berth.url, path, { headers });
    expect(Object.keys(head.headers)).toEqual(Object.keys(get.headers));
    expect(jsonOf(get)).toHaveProperty('refresh_token');
    expect(await sessions()).toBe(1);
  });
});

describe('paths', () => {
  test.each(['/token', '/token/', '/Token'])('%s is the realm', async (path) => {
    expect((await send(berth.url, `${path}?service=berth`)).status).toBe(200);
  });

  test('so is its whole address, as a client writes it to a proxy', async () => {
    expect((await send(berth.url, `${berth.url}/token?service=berth`)).status).toBe(200);
  });

  test('nothing is below it, which is told in its own form', async () => {
    const answer = await send(berth.url, '/token/x?service=berth');
    expect([answer.status, jsonOf(answer).error]).toEqual([404, 'invalid_request']);
  });

  test('what only begins like it is somebody else’s', async () => {
    expect((await send(berth.url, '/tokens?service=berth')).headers['content-type']).toMatch(/^text\/html/);
  });
});

describe('answers', () => {
  const secured = ['content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy'];
  const more = ['permissions-policy', 'cross-origin-resource-policy'];

  test('carry the security headers of every other answer, over HTTPS too', async () => {
    for (const headers of [{}, { 'x-forwarded-proto': 'https' }]) {
      const pick = ({ headers }: Answer) =>
        [...secured, ...more, 'strict-transport-security', 'cross-origin-opener-policy'].map((name) => headers[name]);
      const page = await send(berth.url, '/.well-known/jwks.json', { headers });
      const good = await send(berth.url, '/token?service=berth', { headers });
      const bad = await send(berth.url, '/token', { headers });
      expect([good.status, bad.status]).toEqual([200, 400]);
      expect(pick(good)).toEqual(pick(page));
      expect(pick(bad)).toEqual(pick(page));
    }
  });

  test('are named like their request, and no other site may read them', async () => {
    const headers = { 'x-request-id': 'mine-1', origin: 'http://evil.example', 'if-none-match': '*' };
    for (const path of ['/token?service=berth', '/token']) {
      const answer = await send(berth.url, path, { headers });
      expect(answer.status).not.toBe(304);
      expect(answer.headers).toMatchObject({
        'x-request-id': 'mine-1',
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
      });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('a 401 names the scheme the realm takes', async () => {
    const answer = await send(berth.url, '/token?service=berth', { headers: { authorization: 'Bearer x' } });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Basic realm="berth", charset="UTF-8"']);
  });
});

describe('T41 bodies and parameters', () => {
  test.each<[string, () => Promise<Answer>, number]>([
    ['a form of 64 KiB', () => post(form({ x: 'y'.repeat(65_536 - form({ x: '' }).length) })), 200],
    ['one byte more', () => post(form({ x: 'y'.repeat(65_537 - form({ x: '' }).length) })), 413],
    ['a thousand parameters', () => post(`${form()}${'&a=b'.repeat(900)}`), 200],
    ['more of them than anybody needs', () => post(`${form()}${'&a=b'.repeat(1_000)}`), 413],
    ['a compressed form', () => post(gzipSync(form()), { 'content-encoding': 'gzip' }), 415],
    [
      'a form in UTF-7',
      () => post(form(), { 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' }),
      415,
    ],
    ['JSON', () => post('{"grant_type":"password"}', { 'content-type': 'application/json' }), 415],
    ['another part of a form', () => post('x', { 'content-type': 'multipart/form-data; boundary=x' }), 415],
    ['a name given twice', () => post(`${form()}&username=bob`), 401],
    ['a grant given twice', () => post(`${form()}&grant_type=password`), 400],
    ['a service given twice', () => send(berth.url, '/token?service=berth&service=berth'), 400],
    ['a service in brackets', () => send(berth.url, '/token?service[]=berth'), 400],
    ['names of an object’s own', () => post(`${form()}&__proto__=x&constructor=y&toString=z&hasOwnProperty=q`), 200],
    ['broken escapes', () => post(`${form()}&x=%E0%A4%A&y=%`), 200],
    ['an empty form', () => post(''), 400],
  ])('%s', async (_name, ask, status) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    if (status !== 200) expect(jsonOf(answer)).toMatchObject({ errors: [{ code: expect.any(String) }] });
  });

  test('a scope in brackets asks for nothing', async () => {
    const odd =
      'scope[]=repository:team/a:pull&scope[a]=repository:team/a:pull&__proto__[scope]=repository:team/a:pull';
    const headers = { authorization: authorization() };
    expect(claims(await send(berth.url, `/token?service=berth&${odd}`, { headers })).access).toEqual([]);
    expect(claims(await post(`${form()}&${odd}`)).access).toEqual([]);
  });

  test('the query of a POST is not looked at', async () => {
    const answer = await post(form(), {}, '/token?service=other&scope=repository:team/a:pull&grant_type=x');
    expect([answer.status, claims(answer).access]).toEqual([200, []]);
  });

  test('a body that says it is too large is refused before it comes', async () => {
    // A byte of it is all that ever comes, so only a server that does not wait for it answers.
    const body = new Readable({ read: () => undefined });
    body.push('x');
    const answer = await post(body, { 'content-length': '1000000' });
    expect([answer.status, answer.headers.connection]).toEqual([413, 'close']);
  });
});

test('a form that another site’s page sends gets no token', async () => {
  for (const [name, value] of [
    ['origin', 'http://evil.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
  ] as const) {
    const answer = await post(form(), { [name]: value });
    expect([answer.status, jsonOf(answer).errors[0].code]).toEqual([403, 'DENIED']);
  }
  expect((await post(form(), { origin: berth.url })).status).toBe(200);
});

test('H4 a cookie signs nobody in', async () => {
  const cookie = `berth=${await berth.signIn(ann.username, ann.password)}`;
  const answer = await send(berth.url, '/token?service=berth&scope=repository:team/a:pull', { headers: { cookie } });
  expect(claims(answer)).toMatchObject({ sub: '', access: [] });
});

test('a POST is a line of the log, without what it carries', async () => {
  const other = await startBerth();
  const { username, password } = other.admin;
  const body = `${new URLSearchParams({ grant_type: 'password', service: 'berth', username, password })}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-request-id': 'logged-1' };
  const { status } = await send(other.url, '/token?password=canary-query', { method: 'POST', headers, body });
  await other.stop(); // all that it had to say is written by then
  const lines = other.output().split('\n');
  const line = JSON.parse(lines.find((text) => text.includes('logged-1')) ?? '{}');
  expect(line).toMatchObject({ level: 'info', method: 'POST', path: '/token', status, msg: 'request' });
  for (const secret of ['canary-query', password]) expect(other.output()).not.toContain(secret);
});
