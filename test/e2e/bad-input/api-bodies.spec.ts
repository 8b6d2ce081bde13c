import type { Request } from '../matrix/request.js';
import { answers, Stage } from './stage.js';
import { confusions, privileged, type Schema, withMember } from './values.js';

/** Every operation of the REST API that takes a body, from the description the program serves. */
interface Operation {
  readonly request: Request;
  readonly schema: Schema;
  /** A body that is right. */
  readonly body: Record<string, unknown>;
}

let stage: Stage;
let operations: Operation[];

beforeAll(async () => {
  stage = await Stage.set();
  const { body: document } = await stage.berth.api('GET', '/api/openapi.json');
  const described = stage.routes.map(async (route) => {
    const schema =
      document.paths[route.path]?.[route.method.toLowerCase()]?.requestBody?.content['application/json'].schema;
    if (schema === undefined) return [];
    const request = await stage.request(route);
    return [{ request, schema, body: JSON.parse(String(request.body ?? '{}')) }];
  });
  operations = (await Promise.all(described)).flat();
}, 60_000);

afterAll(() => stage.strike());

/** The same request with another body. */
function sending(request: Request, body: string): Request {
  return { ...request, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

async function allRefused(requests: readonly Request[], ...statuses: number[]): Promise<void> {
  const before = await stage.stored();
  expect(await stage.complaints(requests, answers(...statuses))).toEqual([]);
  expect(await stage.stored()).toEqual(before);
}

test('there are bodies to try', () => expect(operations.length).toBeGreaterThan(16));

test('T21 no body takes a member that it does not name, at any depth', async () => {
  const requests = operations.flatMap(({ request, schema, body }) => {
    const unknown = privileged.filter((name) => !Object.hasOwn(schema.properties ?? {}, name));
    const inside = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
      const nested = part.items ?? part;
      if (nested.properties === undefined) return [];
      const example = body[name] ?? [{ pattern: 'private/app', actions: ['pull'] }];
      const smuggled = ['isAdmin', 'id', '__proto__', 'constructor'].map((extra) => {
        const object = withMember([example].flat()[0] as object, extra, { role: 'admin' });
        return withMember(body, name, 'HERE').replace('"HERE"', part.items ? `[${object}]` : object);
      });
      return smuggled.map((text) => sending(request, text));
    });
    return [...unknown.map((name) => sending(request, withMember(body, name, 'admin'))), ...inside];
  });
  expect(requests.length).toBeGreaterThan(400);
  await allRefused(requests, 400);
}, 60_000);

test('B85, B86 no member takes a value of another type', async () => {
  const requests = operations.flatMap(({ request, schema, body }) =>
    Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
      const tooLong = part.maxLength === undefined ? [] : ['x'.repeat(part.maxLength + 1)];
      return [...confusions(part), ...tooLong].map((value) => sending(request, withMember(body, name, value)));
    }),
  );
  expect(requests.length).toBeGreaterThan(300);
  await allRefused(requests, 400);
}, 60_000);

test('B85 a body is an object with all that is required, and JSON', async () => {
  const requests = operations.flatMap(({ request, schema, body }) => {
    const whole = ['[]', '[{}]', '"x"', '7', 'null', 'true', '{', '{"a":1,}', "{'a':1}", 'NaN', '{}{}'];
    const without = (schema.required ?? []).map((name) => JSON.stringify({ ...body, [name]: undefined }));
    return [...whole, ...without].map((text) => sending(request, text));
  });
  await allRefused(requests, 400);
}, 60_000);

test('T25 a body of another type is refused, whatever is in it', async () => {
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/json; charset=utf-7',
    'application/json; charset=gbk',
  ];
  const requests = operations.flatMap(({ request }) =>
    types.map((type) => ({ ...request, headers: { 'content-type': type } })),
  );
  await allRefused(requests, 415);
}, 60_000);

test('a body of thousands of values is refused before anything is said of each of them', async () => {
  const members = `{${Array.from({ length: 15_000 }, (_, i) => `"member ${i}":1`).join(',')}}`;
  const lists = `[${Array(80_000).fill('[]').join(',')}]`;
  const words = `[${Array.from({ length: 20_000 }, (_, i) => `"word ${i}"`).join(',')}]`;
  const requests = operations.flatMap(({ request, schema, body }) => {
    const [name = 'other'] = Object.keys(schema.properties ?? {});
    const inside = [members, lists, words].map((value) => withMember(body, name, 'HERE').replace('"HERE"', value));
    return [members, ...inside].map((text) => sending(request, text));
  });
  const told = async (request: Request) => {
    const { status, body } = await stage.ask(request);
    return `${status} ${JSON.parse(body.toString()).detail} ${body.length < 1_000 ? 'in short' : body.length}`;
  };
  const answered = new Set<string>();
  for (const request of requests) answered.add(await told(request)); // together they would be more than is kept of bodies
  expect([...answered]).toEqual(['400 there are more than 500 values in it in short']);
}, 60_000);
