import { type Answer, send } from '../support/http.js';
import { Stage } from './bad-input/stage.js';
import type { Caller } from './matrix/callers.js';
import type { Request } from './matrix/request.js';
import type { Route, Surface } from './matrix/routes.js';
import { nameOf } from './matrix/table.js';

/** What every answer says of itself, whatever it answers (H1 to H5, H17, H19, H21). */
let stage: Stage;
let requests: Request[];

const nobody: Caller = { kind: 'anonymous', column: 'anonymous', way: 'nothing', headers: async () => ({}) };

beforeAll(async () => {
  stage = await Stage.set();
  const { cookie, bearer } = stage.admin;
  const who = (route: Route): Caller[] => {
    // Changes are only asked by nobody, so that everything is still there for the next one.
    if (route.method !== 'GET' && route.method !== 'HEAD') return [nobody];
    return route.surface === 'page' ? [nobody, cookie] : route.surface === 'api' ? [nobody, cookie, bearer] : [nobody];
  };
  requests = await Promise.all(
    stage.routes.flatMap((route) => who(route).map((caller) => stage.request(route, caller))),
  );
}, 60_000);

afterAll(() => stage.strike());

const onlyOwn =
  /^default-src 'none';script-src 'self';style-src 'self'[^;]*;img-src 'self' data:;connect-src 'self';font-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none';object-src 'none'(;worker-src blob:)?$/;

/** Names of headers with what they have to look like; undefined for one that must not be there. */
type Expected = Readonly<Record<string, RegExp | undefined>>;

const everywhere: Expected = {
  'x-content-type-options': /^nosniff$/,
  'x-powered-by': undefined,
  server: undefined,
  'strict-transport-security': undefined,
  'cross-origin-opener-policy': undefined,
  'access-control-allow-origin': undefined,
  'access-control-allow-credentials': undefined,
};
const outsideOfV2: Expected = {
  ...everywhere,
  'x-request-id': /^[\w.-]{1,64}$/,
  'content-security-policy': onlyOwn,
  'cross-origin-resource-policy': /^same-origin$/,
  'referrer-policy': /^same-origin$/,
  'permissions-policy': /camera=\(\)/,
  'x-frame-options': /^DENY$/,
};
const bySurface: Record<Surface, Expected> = {
  registry: { ...everywhere, 'content-security-policy': /^default-src 'none'; sandbox$/ },
  realm: { ...outsideOfV2, 'cache-control': /^no-store$/, 'set-cookie': undefined },
  api: { ...outsideOfV2, 'cache-control': /^no-store$/ },
  page: outsideOfV2,
};

/** Manifests and configs as somebody pushed them are the answers of the API that may run even less. */
const asPushed: Expected = { 'content-security-policy': /^default-src 'none'(; sandbox$|;script-src)/ };
const exceptions: Record<string, Expected> = {
  'GET /api/v1/repositories/{name}/manifests/{digest}/raw': asPushed,
  'GET /api/v1/repositories/{name}/manifests/{digest}/config': asPushed,
};

function complain({ status, headers, body }: Answer, { cell: { route, caller } }: Request): string | undefined {
  const expected = { ...bySurface[route.surface], ...exceptions[nameOf(route)] };
  const wrong = Object.entries(expected).flatMap(([name, pattern]) => {
    const value = headers[name]?.toString();
    return (pattern === undefined ? value === undefined : pattern.test(value ?? '')) ? [] : [`${name}: ${value}`];
  });
  const type = headers['content-type'] ?? '';
  if (body.length > 0 && type === '') wrong.push('no content type');
  if (route.surface !== 'page' && type.startsWith('text/html')) wrong.push('a page');
  if (type.startsWith('text/html') && headers['cache-control'] !== 'no-store') wrong.push('a page that is kept');
  for (const cookie of [headers['set-cookie'] ?? []].flat())
    if (/^(berth|flash)=/.test(cookie) && !/HttpOnly; SameSite=Lax/i.test(cookie)) wrong.push(cookie);
  return wrong.length === 0 ? undefined : `${nameOf(route)} by ${caller.way} ${status}: ${wrong.join(', ')}`;
}

test('H1 to H5, H17 and H19 hold for every route', async () => {
  expect(requests.length).toBeGreaterThan(200);
  expect(await stage.complaints(requests, complain)).toEqual([]);
});

test.each([
  ['/nothing', 404],
  ['/api/nothing', 404],
  ['/api/v1/users/%zz', 400],
  ['/r/team/app/-/nothing', 404],
  ['/assets/nothing.css', 404],
  ['/.well-known/nothing', 404],
  ['/%', 404],
])('they hold for %s, which is nowhere', async (path, status) => {
  const answer = await send(stage.berth.url, path);
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-request-id': expect.any(String) });
  expect(answer.headers['content-security-policy']).toMatch(onlyOwn);
  for (const name of ['server', 'x-powered-by']) expect(answer.headers).not.toHaveProperty(name);
  expect(answer.body.toString()).not.toMatch(/node_modules|\bat .+:\d+:\d+/);
});

describe('B100 headers and cookies of any size', () => {
  const ask = (headers: Record<string, string>, path = '/sign-in') => send(stage.berth.url, path, { headers });

  test.each([
    ['two hundred cookies', { cookie: Array.from({ length: 200 }, (_, n) => `c${n}=${'x'.repeat(40)}`).join('; ') }],
    ['the same cookie a hundred times', { cookie: Array.from({ length: 100 }, () => 'berth=x').join('; ') }],
    ['a cookie of 8 KB', { cookie: `berth=${'x'.repeat(8_000)}` }],
    ['cookies that are none', { cookie: ';;;=;berth;=x;"=";berth=%;lang=%E0%A4%A;flash=%00;theme={}' }],
    ['names of an object’s own', { cookie: '__proto__=x; constructor=y; toString=z; hasOwnProperty=q' }],
    [
      'a flash that is not ours',
      { cookie: `flash=${Buffer.from('{"tone":"ok","key":"__proto__"}').toString('base64url')}` },
    ],
    ['JSON in a cookie', { cookie: 'berth=j:{"a":1}; lang=j:["zh-CN"]; theme=s:x.y' }],
    ['languages of 8 KB', { 'accept-language': 'zh-CN;q=0.5,'.repeat(600) }],
    ['odd languages', { 'accept-language': '../../etc/passwd, *;q=NaN, x;q=-1, \u00e9' }],
    ['a type of 8 KB', { 'content-type': 'x'.repeat(8_000), accept: '*/*,'.repeat(500) }],
  ])('%s are read or refused', async (_what, headers) => {
    for (const path of ['/sign-in', '/api/openapi.json', '/v2/', '/token?service=berth', '/api/v1/auth/me'])
      expect([200, 401, 415]).toContain((await ask(headers, path)).status);
  });

  test('more than 16 KB of them are refused, and the next request is answered', async () => {
    expect((await ask({ cookie: 'x'.repeat(17_000) })).status).toBe(431);
    expect((await ask({})).status).toBe(200);
  });
});
