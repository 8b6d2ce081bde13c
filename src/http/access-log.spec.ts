import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Log } from '../logging/logger.js';
import { logRequest } from './access-log.js';

/** Answers one real request with the status, or hangs up on it, and gives what was logged. */
async function logged(method: string, status: number | 'hang up'): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const log = Log.open({ level: 'debug', format: 'json' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v2/a/manifests/1?secret=x`;
  const answer = fetch(url, { method, headers: { 'x-request-id': 'r1' } }).catch(() => undefined);
  const [request, response]: [IncomingMessage, ServerResponse] = await once(server, 'request').then(([a, b]) => [a, b]);
  logRequest(log, request, response, () => '10.0.0.9');
  if (status === 'hang up') response.destroy();
  else response.writeHead(status).end();
  await once(response, 'close');
  await answer;
  server.close();
  server.closeAllConnections();
  return lines;
}

test('a change is told, without its query', async () => {
  expect(await logged('PUT', 201)).toMatchObject([
    { level: 'info', reqId: 'r1', method: 'PUT', path: '/v2/a/manifests/1', status: 201, address: '10.0.0.9' },
  ]);
});

test.each([
  ['GET', 200],
  ['PUT', 404],
  ['HEAD', 401],
])('%s answered with %d is for those who debug', async (method, status) => {
  expect(await logged(method, status)).toMatchObject([{ level: 'debug', status }]);
});

test('a client that went away is 499', async () => {
  expect(await logged('PUT', 'hang up')).toMatchObject([{ level: 'debug', status: 499 }]);
});

test('our own failure is an error', async () => {
  expect(await logged('GET', 500)).toMatchObject([{ level: 'error', status: 500 }]);
});
