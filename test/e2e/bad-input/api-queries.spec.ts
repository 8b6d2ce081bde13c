import type { Answer } from '../../support/http.js';
import type { Request } from '../matrix/request.js';
import { answers, Stage } from './stage.js';
import type { Schema } from './values.js';

/** A parameter of the query as our OpenAPI document writes it. */
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema & { readonly pattern?: string };
}

interface Reading {
  readonly request: Request;
  readonly parameters: readonly Parameter[];
}

let stage: Stage;
/** Every operation of the REST API that reads and takes parameters. */
let readings: Reading[];

beforeAll(async () => {
  stage = await Stage.set();
  const { body: document } = await stage.berth.api('GET', '/api/openapi.json');
  const described = stage.routes.map(async (route) => {
    const all: Parameter[] = document.paths[route.path]?.[route.method.toLowerCase()]?.parameters ?? [];
    const parameters = all.filter((parameter) => parameter.in === 'query');
    return route.method === 'GET' && parameters.length > 0 ? [{ request: await stage.request(route), parameters }] : [];
  });
  readings = (await Promise.all(described)).flat();
}, 60_000);

afterAll(() => stage.strike());

const injections = [
  ...["' OR 1=1 --", '"; DROP TABLE users; --', 'id; drop table users', "') UNION SELECT password_hash FROM users --"],
  ...['%', '_', '*', '%25', 'a%00b', '\\', '{{7*7}}', '(case when 1=1 then 1 else 2 end)', '$(id)', '`id`'],
  ...[
    '../../etc/passwd',
    'x\r\nSet-Cookie: a=b',
    '<script>alert(1)</script>',
    '\u202e\u0000',
    '😀',
    '\ud800',
    'İ',
    'ﬀ',
  ],
];

/** The same request with one parameter more, or another value for one. */
function asking({ request }: Reading, name: string, ...values: string[]): Request {
  const [path = '', search = ''] = request.path.split('?');
  const query = new URLSearchParams(search);
  query.delete(name);
  for (const value of values) query.append(name, value);
  return { ...request, path: `${path}?${query}` };
}

const having = (name: string): Reading[] =>
  readings.filter(({ parameters }) => parameters.some((parameter) => parameter.name === name));
/** Lists; the exports have everything on one page and say so. */
const paged = (name: string): Reading[] => having(name).filter(({ request }) => !/\.(csv|ndjson)/.test(request.path));
/** Nothing was found: an empty list, or an export without a line. */
function isEmpty({ headers, body }: Answer): boolean {
  if (headers['content-type']?.startsWith('application/json')) return JSON.parse(body.toString()).items?.length === 0;
  return (
    body
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('id,')).length === 0
  );
}

test('there are lists to try', () => expect(readings.length).toBeGreaterThan(12));

test('T23 a list is sorted by what it says, and by nothing else', async () => {
  const hostile = [...injections, 'password', '-passwordHash', 'password_hash', 'id', 'rowid', 'ASC', '-', '1', ''];
  const requests = having('sort').flatMap((reading) => hostile.map((value) => asking(reading, 'sort', value)));
  expect(requests.length).toBeGreaterThan(50);
  expect(await stage.complaints(requests, answers(400))).toEqual([]);
});

test('T23 a parameter that a list does not name is refused', async () => {
  const unknown = ['order', 'fields', 'filter', 'where', 'include', 'passwordHash', 'salt', 'q[]', 'q[$ne]', 'limit[]'];
  const requests = readings.flatMap((reading) => unknown.map((name) => asking(reading, name, '1')));
  expect(await stage.complaints(requests, answers(400))).toEqual([]);
});

test('T41 a parameter is given once', async () => {
  const requests = readings.flatMap((reading) =>
    reading.parameters.map(({ name, schema }) => {
      const value = String(
        schema.enum?.[0] ?? new URLSearchParams(reading.request.path.split('?')[1]).get(name) ?? '1',
      );
      return asking(reading, name, value, value);
    }),
  );
  expect(await stage.complaints(requests, answers(400))).toEqual([]);
});

test('T8, T23 how many and from where is a number of ours and a cursor of ours', async () => {
  const limits = ['0', '-1', '101', '1000000000', '9223372036854775808', '1.5', '1e2', '0x10', 'abc', '', ' 1', '१'];
  const cursors = [
    '',
    'x',
    '!',
    'AAAA',
    '../..',
    "' OR 1=1",
    'x'.repeat(1025),
    Buffer.from("x' OR 1=1 --").toString('base64url'),
  ];
  const requests = [
    ...paged('limit').flatMap((reading) => limits.map((value) => asking(reading, 'limit', value))),
    ...paged('cursor').flatMap((reading) => cursors.slice(0, 3).map((value) => asking(reading, 'cursor', value))),
  ];
  expect(await stage.complaints(requests, answers(400))).toEqual([]);
  const planted = having('cursor').flatMap((reading) => cursors.map((value) => asking(reading, 'cursor', value)));
  expect(await stage.complaints(planted, answers(200, 400))).toEqual([]);
});

test('T23 what is searched for is text, whatever is in it', async () => {
  const before = await stage.stored();
  const requests = having('q').flatMap((reading) => injections.map((value) => asking(reading, 'q', value)));
  expect(requests.length).toBeGreaterThan(100);
  const complaints = await stage.complaints(requests, (answer, { path }) => {
    const nothing = answer.status === 400 || (answer.status === 200 && isEmpty(answer));
    return nothing ? undefined : `${path} answered ${answer.status} ${answer.body}`;
  });
  expect(complaints).toEqual([]);
  expect(await stage.stored()).toEqual(before);
});

test('T23 neither do the other parameters mean more than they say', async () => {
  const free = (schema: Parameter['schema']) => schema.enum === undefined && schema.pattern === undefined;
  const requests = readings.flatMap((reading) =>
    reading.parameters
      .filter(({ name, schema }) => free(schema) && !['q', 'limit', 'cursor'].includes(name))
      .flatMap(({ name }) => injections.filter((value) => value !== '*').map((value) => asking(reading, name, value))),
  );
  expect(requests.length).toBeGreaterThan(100);
  const complaints = await stage.complaints(requests, (answer, { path }) => {
    const nothing = answer.status === 400 || answer.status === 404 || (answer.status === 200 && isEmpty(answer));
    return nothing ? undefined : `${path} answered ${answer.status} ${answer.body}`;
  });
  expect(complaints).toEqual([]);
});

test('T23 a page of the console takes any of this for text', async () => {
  const pages = stage.routes.filter(({ surface, method }) => surface === 'page' && method === 'GET');
  const requests = (await Promise.all(pages.map((route) => stage.request(route, stage.admin.cookie)))).flatMap(
    (request) =>
      ['q', 'sort', 'limit', 'cursor', 'user', 'pattern', 'action', 'platform', 'client', 'lang'].flatMap((name) =>
        [...injections.slice(0, 2), ...injections.slice(-4)].map((value) => ({
          ...request,
          path: `${request.path}?${new URLSearchParams({ [name]: value })}`,
        })),
      ),
  );
  const complaints = await stage.complaints(requests, ({ status, body, headers }, { path }) => {
    const harmless =
      !body.toString().includes('<script>alert') &&
      headers['set-cookie']?.every((cookie) => !cookie.startsWith('a=')) !== false;
    return status < 500 && harmless ? undefined : `${path} answered ${status}`;
  });
  expect(complaints).toEqual([]);
}, 60_000);
