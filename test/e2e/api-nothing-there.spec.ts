import { type Berth, startBerth } from '../support/berth.js';
import { berth as command } from '../support/berth-command.js';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

/** A value of every parameter that is well-formed and names nothing. */
const nothing: Readonly<Record<string, string>> = {
  name: 'nosuch',
  username: 'nobody-here',
  id: '999999999',
  secretId: '999999999',
  tag: 'none',
  digest: `sha256:${'0'.repeat(64)}`,
};

interface JsonBody {
  readonly examples: { readonly usual: { readonly value: object } };
}

interface Operation {
  readonly requestBody?: { readonly content: { readonly 'application/json': JsonBody } };
}

test('every route of one thing says 404 when the thing is not there, to whoever may do everything', async () => {
  const { body: document } = await berth.api('GET', '/api/openapi.json');
  const asked: unknown[] = [];
  for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths)) {
    if (!path.includes('{')) continue;
    const url = path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => nothing[parameter] ?? `?${parameter}`);
    for (const [method, operation] of Object.entries(methods)) {
      const example = operation.requestBody?.content['application/json'].examples.usual.value;
      const { status } = await berth.api(method.toUpperCase(), url, example);
      asked.push([method, path, status]);
    }
  }
  expect(asked).toEqual(asked.map((row) => [...(row as unknown[]).slice(0, 2), 404]));
  expect(asked.length).toBeGreaterThan(40);
});

test.each([
  'repo show no/such',
  'repo permissions no/such',
  'repo rename no/such no/more',
  'repo delete no/such --yes',
  'tag list no/such',
  'tag show no/such v1',
  'tag history no/such v1',
  'tag delete no/such v1 --yes',
  'group show nosuch',
  'group members nosuch',
  'user show nobody-here',
  'user permissions nobody-here',
  'robot show no+such',
])('berth %s ends with 5', async (line) => {
  const { code, stdout, stderr } = await command([...line.split(' '), '--data-dir', berth.dataDir]);
  expect([code, stdout, stderr]).toEqual([5, '', expect.stringMatching(/^berth: .*(not |no such)/i)]);
});
