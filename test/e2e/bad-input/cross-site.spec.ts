import type { Request } from '../matrix/request.js';
import { nameOf } from '../matrix/table.js';
import { answers, Stage } from './stage.js';

let stage: Stage;
/** Every route of the API and the pages that changes something, with the cookie and the token of the session. */
let changes: Request[];

beforeAll(async () => {
  stage = await Stage.set();
  const routes = stage.routes.filter(
    ({ surface, method }) => (surface === 'api' || surface === 'page') && method !== 'GET' && method !== 'HEAD',
  );
  changes = await Promise.all(routes.map((route) => stage.request(route, stage.admin.cookie)));
}, 60_000);

afterAll(() => stage.strike());

/** As another site would send it with the visitor's cookie: without what only our pages know. */
async function forged(request: Request, headers: Readonly<Record<string, string>>, csrf: boolean): Promise<Request> {
  const { cookie = '', 'x-csrf-token': token = '' } = await request.caller.headers('');
  const own: Record<string, string> = { cookie, ...(csrf && { 'x-csrf-token': token }), ...headers };
  const body = request.body && Buffer.from(`${request.body}`.replace(/&?_csrf=[^&]*/, ''));
  return { ...request, body, caller: { ...request.caller, headers: async () => own } };
}

async function allRefused(requests: readonly Request[]): Promise<void> {
  const before = await stage.stored();
  expect(await stage.complaints(requests, answers(403))).toEqual([]);
  expect(await stage.stored()).toEqual(before);
}

/** They need no token: nobody is signed in yet, or nothing but a preference is kept. */
const open = ['POST /api/v1/auth/login', 'POST /sign-in', 'POST /preferences'];

test('T25, B87 nothing is changed by a cookie without the token', async () => {
  const guarded = changes.filter(({ cell }) => !open.includes(nameOf(cell.route)));
  expect(guarded.length).toBeGreaterThan(45);
  await allRefused(await Promise.all(guarded.map((request) => forged(request, {}, false))));
  await allRefused(
    await Promise.all(guarded.map((request) => forged(request, { 'x-csrf-token': 'A'.repeat(43) }, false))),
  );
});

test.each<Record<string, string>>([
  { origin: 'http://evil.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'http://evil.example', 'x-http-method-override': 'GET' },
])('T25, B87 nor from another site with the token, by %j', async (headers) => {
  await allRefused(await Promise.all(changes.map((request) => forged(request, headers, true))));
});

describe('T26 nobody is led away', () => {
  const elsewhere = [
    ...[
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '\\/evil.example',
      '/\t/evil.example',
    ],
    ...[
      'https:evil.example',
      'https://evil.example',
      'http://127.0.0.1@evil.example',
      'https://127.0.0.1.evil.example',
    ],
    ...['javascript:alert(1)', 'data:text/html,x', '/a/..//evil.example', '/.//evil.example', '／／evil.example'],
    ...[
      '/%09/evil.example',
      '/%2f%2fevil.example',
      '/%5cevil.example',
      ' //evil.example',
      '/\r\nLocation: //evil.example',
    ],
    ...['//evil.example/%2f..', '/\u2028/evil.example', 'evil.example', '?next=//evil.example', '#//evil.example'],
  ];

  /** The forms that say where to go on, each as it is sent by somebody who may. */
  const forms: Record<string, Record<string, string>> = {
    'POST /sign-in': { next: '' },
    'POST /preferences': { back: '', theme: 'dark' },
  };

  test.each(Object.entries(forms))('by %s', async (name, fields) => {
    const [found] = changes.filter(({ cell }) => nameOf(cell.route) === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    const field = Object.keys(fields)[0] ?? '';
    const requests = elsewhere.map((target) => {
      const form = new URLSearchParams(`${found.body}`);
      for (const [key, value] of Object.entries({ ...fields, [field]: target })) form.set(key, value);
      return { ...found, caller: { ...found.caller, headers: async () => ({}) }, body: Buffer.from(form.toString()) };
    });
    const complaints = await stage.complaints(requests, ({ status, headers }, { body }) => {
      const { origin } = new URL(headers.location ?? 'about:blank', 'http://here.example');
      return status === 303 && origin === 'http://here.example' ? undefined : `${body}: ${status} ${headers.location}`;
    });
    expect(complaints).toEqual([]);
  });

  test('by a link to the sign-in page of somebody who is signed in', async () => {
    const [page] = await Promise.all(
      stage.routes
        .filter((route) => nameOf(route) === 'GET /sign-in')
        .map((route) => stage.request(route, stage.admin.cookie)),
    );
    if (page === undefined) throw new Error('there is no sign-in page');
    const requests = elsewhere.map((target) => ({
      ...page,
      path: `/sign-in?${new URLSearchParams({ next: target })}`,
    }));
    const complaints = await stage.complaints(requests, ({ status, headers }, { path }) => {
      const { origin } = new URL(headers.location ?? 'about:blank', 'http://here.example');
      return status === 303 && origin === 'http://here.example' ? undefined : `${path}: ${status} ${headers.location}`;
    });
    expect(complaints).toEqual([]);
  });
});
