import { gzipSync } from 'node:zlib';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, send } from '../support/http.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth();
});

afterAll(() => berth.stop());

const problem = ({ body }: Answer) => JSON.parse(body.toString());

test('what does not exist is a problem that names the request', async () => {
  const answer = await send(berth.url, '/api/v1/nothing?q=secret');
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(problem(answer)).toEqual({
    type: 'urn:berth:error:ROUTE_UNKNOWN',
    title: expect.any(String),
    status: 404,
    instance: '/api/v1/nothing',
    code: 'ROUTE_UNKNOWN',
    requestId: answer.headers['x-request-id'],
  });
});

test('a problem is titled in the language that is asked for', async () => {
  const title = async (language: string) =>
    problem(await send(berth.url, '/api/v1/auth/me', { headers: { 'accept-language': language } })).title;
  expect(await title('zh-TW,en;q=0.5')).toMatch(/[\u4e00-\u9fff]/);
  expect(await title('fr')).toBe('Sign-in needed');
});

test('T41 a body is refused compressed, too large, or in another encoding, before anybody reads it', async () => {
  const post = (headers: Record<string, string>, body: string | Buffer) =>
    send(berth.url, '/api/v1/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
  expect((await post({ 'content-encoding': 'gzip' }, bomb)).status).toBe(415);
  expect((await post({ 'content-type': 'application/json; charset=utf-7' }, '{}')).status).toBe(415);
  const large = await post({}, JSON.stringify({ username: 'x'.repeat(300_000), password: 'x' }));
  expect([large.status, problem(large).code]).toEqual([413, 'BODY_TOO_LARGE']);
  const malformed = await post({}, '{"username":"ann","password":"hunter2",}');
  expect(malformed.status).toBe(400);
  expect(malformed.body.toString()).not.toContain('hunter2');
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'unheardOf'])(
  'a parameter that the route does not know is refused (%s)',
  async (name) => {
    for (const path of ['/api/v1/repositories', '/api/v1/permissions', '/api/v1/audit']) {
      const answer = await berth.api('GET', `${path}?${name}=1`);
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
      expect(answer.body.errors).toEqual([{ pointer: `/${name}`, message: `property ${name} should not exist` }]);
    }
  },
);
