import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client, type Row } from './client.js';
import { CommandFailure } from './exit-codes.js';

/** Anything a terminal would obey, OSC 52 first, and what nobody sees. */
const orders = '\u001b]52;c;ZXZpbA==\u0007\u009b31m\u202e\u200b';
const obeyed = /[^\P{C}\n\r\t]|[\u2028\u2029]/u;

let server: Server | undefined;
afterEach(() => server?.close().closeAllConnections());

async function serving(listener: RequestListener): Promise<Client> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return new Client({ kind: 'url', url: new URL(`http://127.0.0.1:${port}`), token: undefined });
}

async function failureOf(work: Promise<unknown>): Promise<CommandFailure> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof CommandFailure) return error;
  throw new Error(`it did not fail: ${String(error)}`);
}

async function listed(client: Client, limit?: number): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of client.list('/users', {}, limit)) rows.push(row);
  return rows;
}

test('what it says of a refusal is not obeyed', async () => {
  const problem = { title: `no${orders}`, detail: `x${orders}`, code: `C${orders}`, requestId: orders };
  const errors = [{ pointer: `/a${orders}`, message: `b${orders}` }];
  for (const status of [400, 503]) {
    const client = await serving((_, response) =>
      response.writeHead(status).end(JSON.stringify({ ...problem, errors })),
    );
    const { message } = await failureOf(client.get('/x'));
    expect(message).not.toMatch(obeyed);
    expect(message).toContain('\n  a');
    server?.close();
  }
});

test.each([
  ['an empty page with a cursor', (n: number) => ({ items: [], nextCursor: `c${n}` })],
  ['the same cursor again', () => ({ items: [{ name: 'a' }], nextCursor: 'c' })],
])('a list that never ends is an error: %s', async (_, page) => {
  let asked = 0;
  const client = await serving((_request, response) => response.end(JSON.stringify(page(++asked))));
  expect((await failureOf(listed(client))).message).toBe(
    'the list of the server does not go on, and says that it does',
  );
  expect(asked).toBeLessThanOrEqual(2);
});

test.each([200, 500])('an answer of %d without an end is broken off', async (status) => {
  const block = Buffer.alloc(1 << 20, ' ');
  let sent = 0;
  const client = await serving((_, response) => {
    response.writeHead(status);
    const more = (): void => {
      while (!response.destroyed) {
        sent += block.length;
        if (!response.write(block)) return void response.once('drain', more);
      }
    };
    more();
  });
  expect((await failureOf(client.get('/x'))).message).toBe('the answer has more than 16777216 bytes');
  expect(sent).toBeLessThan(64 << 20);
});

test.each([
  ['lists in lists', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['objects in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
])('an answer of %s is none of Berth, and runs nobody out of stack', async (_, body) => {
  for (const status of [200, 400]) {
    const client = await serving((_, response) => response.writeHead(status).end(body));
    expect((await failureOf(client.get('/x'))).message).toMatch(/not one of Berth|not as Berth does/);
    server?.close();
  }
});

test('an export is streamed, whole, and not obeyed', async () => {
  const client = await serving((_, response) => {
    const line = Buffer.from(`{"a":"ä应${orders}"}\r\n`);
    for (const byte of line) response.write(Buffer.of(byte));
    response.end();
  });
  const said = await text(client.stream('/audit.ndjson'));
  expect(said).toMatch(/^\{"a":"ä应�]52;c;ZXZpbA==��31m��"\}\r\n$/);
});
