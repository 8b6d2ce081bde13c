import { readFile } from 'node:fs/promises';
import { RawConnection } from '../../support/raw-connection.js';
import { RegistryClient } from '../../support/registry-client.js';
import type { Request } from '../matrix/request.js';
import type { Route } from '../matrix/routes.js';
import { nameOf } from '../matrix/table.js';
import { inParallel } from '../matrix/walk.js';
import { answers, Stage } from './stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.set();
}, 60_000);

afterAll(() => stage.strike());

const parametersOf = ({ path }: Route): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** The routes of API and pages whose paths have parameters. */
function withParameters(): Route[] {
  return stage.routes.filter(({ surface, path }) => (surface === 'api' || surface === 'page') && path.includes('{'));
}

/** The path of a route with another text, as it is, for one of its parameters. */
async function pathWith(route: Route, parameter: string, text: string): Promise<Request> {
  const request = await stage.request(
    { ...route, path: route.path.replace(`{${parameter}}`, '@@') },
    stage.admin.cookie,
  );
  return { ...request, path: request.path.replace('@@', text) };
}

/** Reading as an administrator, on a connection of its own and exactly as written. */
async function readRaw(target: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const connection = await RawConnection.open(stage.berth.url);
  const lines = Object.entries({ host: stage.berth.host, connection: 'close', ...headers });
  connection.write(`GET ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  const answer = await connection.answer();
  connection.close();
  return answer === undefined ? 'nothing' : `${answer.status} ${answer.body}`;
}

const climbs = [
  ...[
    '..',
    '../..',
    '../../../../../../etc/passwd',
    '..%2F..%2F..%2F..%2Fetc%2Fpasswd',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  ],
  ...[
    '%2F%2F%2F%2F..%2F..%2F..%2Fetc%2Fpasswd',
    '..%5c..%5cetc%5cpasswd',
    '..%252f..%252fetc%252fpasswd',
    '/etc/passwd',
  ],
  ...[
    '%c0%ae%c0%ae%c0%afetc%c0%afpasswd',
    '....//....//etc/passwd',
    '.%00./',
    'x%00.css',
    '..;/',
    '%E0%A4%A',
    '%',
    '%zz',
  ],
  ...[
    '../package.json',
    '..%2Fberth.db',
    '..%2fkeys%2Ftoken-keys.json',
    '../../secret.key',
    'file:///etc/passwd',
    'C:%5Cx',
  ],
];

describe('T15 no path leads out of where it belongs', () => {
  let secrets: string[];

  beforeAll(async () => {
    const keys = JSON.parse(await readFile(`${stage.berth.dataDir}/keys/token-keys.json`, 'utf8'));
    secrets = ['root:x:0', 'SQLite format', 'PRIVATE KEY', '"scripts":', keys.signing.privateKey.slice(30, 60)];
  });

  async function climb(targets: readonly string[], headers: Readonly<Record<string, string>>): Promise<string[]> {
    const found = await inParallel(targets, async (target) => {
      const answer = await readRaw(target, headers);
      const leaks = secrets.some((secret) => answer.includes(secret));
      return leaks || /^5/.test(answer) ? [`${target}: ${answer.slice(0, 200)}`] : [];
    });
    return found.flat();
  }

  test('in a parameter of the API and the pages', async () => {
    const requests = await Promise.all(
      withParameters().flatMap((route) =>
        parametersOf(route).flatMap((parameter) => climbs.map((text) => pathWith(route, parameter, text))),
      ),
    );
    const targets = [...new Set(requests.map(({ path }) => path.replaceAll(' ', '%20')))];
    expect(targets.length).toBeGreaterThan(1000);
    expect(await climb(targets, await stage.admin.cookie.headers(''))).toEqual([]);
  }, 60_000);

  test('below every folder, with and without a sign-in', async () => {
    const folders = [
      '/',
      '/assets/',
      '/assets/vendor/',
      '/r/',
      '/docs/',
      '/redoc/',
      '/api/',
      '/api/v1/',
      '/.well-known/',
      '/token/',
      '/v2/',
    ];
    const targets = folders.flatMap((folder) => climbs.map((text) => `${folder}${text}`));
    expect(await climb(targets, {})).toEqual([]);
    expect(await climb(targets, await stage.admin.cookie.headers(''))).toEqual([]);
  });
});

describe('B88 an id is what the program gave out', () => {
  const ids = [
    '0',
    '-1',
    '1e99',
    '1e1',
    '1.0',
    '+1',
    ' 1',
    '0x1',
    'abc',
    '1;drop',
    "1'--",
    '٣',
    '１',
    '99999999999999999999',
    '1%00',
    'NaN',
  ];

  test('on every route with one', async () => {
    const routes = withParameters().filter((route) => parametersOf(route).includes('id'));
    expect(routes.length).toBeGreaterThan(8);
    const requests = await Promise.all(
      routes.flatMap((route) => ids.map((id) => pathWith(route, 'id', id.includes('%') ? id : encodeURIComponent(id)))),
    );
    const before = await stage.stored();
    expect(await stage.complaints(requests, answers(400, 404))).toEqual([]);
    expect(await stage.stored()).toEqual(before);
  });
});

describe('a name is one that something has', () => {
  const odd = [
    ...[
      'Target',
      'TARGET',
      'ｔａｒｇｅｔ',
      'tаrget',
      'target\u200b',
      'tar\u0301get',
      '\u202etegrat',
      'target\0',
      'target ',
      ' target',
    ],
    ...[
      '😀',
      '\ufeff',
      'İ',
      'ß',
      'ﬁ',
      '目标',
      'x'.repeat(5_000),
      '__proto__',
      'constructor',
      'toString',
      '*',
      '%',
      '_',
      'target/..',
    ],
  ];
  const halves = ['%ED%A0%80', '%FF', '%C3%28', '%F0%9F%98'];

  test('whatever looks like it, in every path', async () => {
    const routes = withParameters().filter(({ method }) => method !== 'GET');
    const requests = await Promise.all(
      routes.flatMap((route) =>
        parametersOf(route)
          .filter((parameter) => parameter !== 'id')
          .flatMap((parameter) => {
            const texts = [...odd.map((text) => encodeURIComponent(text)), ...halves];
            return texts.map((text) => pathWith(route, parameter, text));
          }),
      ),
    );
    expect(requests.length).toBeGreaterThan(500);
    const before = await stage.stored();
    expect(await stage.complaints(requests, answers(400, 403, 404))).toEqual([]);
    expect(await stage.stored()).toEqual(before);
  }, 60_000);
});

describe('T22 what belongs elsewhere is not found', () => {
  test('images and tags of another repository', async () => {
    const { berth, objects } = stage;
    const client = await RegistryClient.open(berth.url, berth.admin);
    const own = objects.newManifest();
    const put = await client.putManifest('private/app', 'only-here', { ...own });
    expect(put.status).toBe(201);
    for (const path of [
      `manifests/${own.digest}`,
      `manifests/${own.digest}/raw`,
      'tags/only-here',
      'tags/only-here/history',
    ]) {
      expect((await berth.api('GET', `/api/v1/repositories/private%2Fapp/${path}`)).status).toBe(200);
      expect((await berth.api('GET', `/api/v1/repositories/public%2Fapp/${path}`)).status).toBe(404);
    }
    for (const path of [`manifests/${own.digest}`, 'tags/only-here'])
      expect((await berth.api('DELETE', `/api/v1/repositories/public%2Fapp/${path}`)).status).toBe(404);
    const moved = { reference: own.digest };
    expect((await berth.api('PUT', '/api/v1/repositories/public%2Fapp/tags/moved', moved)).status).toBe(404);
    expect((await client.getManifest('private/app', 'only-here')).status).toBe(200);
  });

  test('a secret of another robot, and a member of another group', async () => {
    const { berth, objects } = stage;
    const [one, other] = [await objects.newRobot(), await objects.newRobot()];
    const path = (name: string, id: number) => `/api/v1/robots/${encodeURIComponent(name)}/secrets/${id}`;
    expect((await berth.api('DELETE', path(one.name, other.secret))).status).toBe(404);
    expect((await berth.api('DELETE', path(other.name, other.secret))).status).toBe(204);
    const group = await objects.newGroup();
    expect((await berth.api('DELETE', `/api/v1/groups/${group}/members/${objects.username}`)).status).toBe(404);
  });

  test('the token, session and grant of somebody else, on every route with an id', async () => {
    const { berth, objects } = stage;
    const mallory = await objects.newUser();
    const bearer = await berth.signIn(mallory, objects.password);
    const caller = { ...stage.admin.bearer, headers: async () => ({ authorization: `Bearer ${bearer}` }) };
    const routes = withParameters().filter((route) => route.surface === 'api' && parametersOf(route).includes('id'));
    const requests = await Promise.all(routes.map((route) => stage.request(route, caller)));
    expect(requests.map(({ cell }) => nameOf(cell.route)).length).toBeGreaterThan(6);
    const before = await stage.stored();
    // Jobs are nobody's own: whoever is no administrator is refused before anybody looks whether there is such a job.
    const ofJobs = requests.filter(({ path }) => path.startsWith('/api/v1/jobs/'));
    const ofAccounts = requests.filter((request) => !ofJobs.includes(request));
    expect(await stage.complaints(ofAccounts, answers(404))).toEqual([]);
    expect(await stage.complaints(ofJobs, answers(403))).toEqual([]);
    expect(await stage.stored()).toEqual(before);
  });
});
