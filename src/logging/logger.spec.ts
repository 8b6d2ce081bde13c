import { once } from 'node:events';
import { createServer, IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { logRequest } from './access-log.js';
import { Log } from './logger.js';
import { NestLog } from './nest-log.js';
import { prettyLine } from './pretty.js';
import { requestId } from './request-id.js';

function capture(level = 'info'): { log: Log; raw: string[]; lines: () => Record<string, unknown>[] } {
  const raw: string[] = [];
  const log = Log.open({ level, format: 'json' }, { write: (line) => void raw.push(line) });
  return { log, raw, lines: () => raw.map((line) => JSON.parse(line)) };
}

function requestWith(options: { method?: string; url?: string; id?: string } = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: options.method ?? 'GET', url: options.url ?? '/' });
  if (options.id !== undefined) request.headers['x-request-id'] = options.id;
  return request;
}

test('a line is one JSON object with time, level, fields and message', () => {
  const { log, lines } = capture();
  log.child({ reqId: 'a' }).info({ url: 'http://127.0.0.1:5000' }, 'listening');
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      reqId: 'a',
      url: 'http://127.0.0.1:5000',
      msg: 'listening',
    },
  ]);
});

test('lines below the level are not written', () => {
  const { log, lines } = capture('warn');
  log.info({}, 'no');
  log.warn({}, 'yes');
  expect(lines()).toHaveLength(1);
  expect([log.enabled('info'), capture('trace').log.enabled('debug')]).toEqual([false, true]);
});

describe('secrets', () => {
  const names = ['password', 'Authorization', 'set-cookie', 'refreshToken', 'secretKey', 'passwordHash', 'api_key'];

  test('are hidden by name at any depth, bindings included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.stringMatching(/^c4n4ry[a-z]{5,20}$/),
        fc.nat(2),
        (name, secret, depth) => {
          let fields: object = { [name]: secret, list: [{ [name]: [secret] }] };
          for (let level = 0; level < depth; level++) fields = { inner: fields };
          const { log, raw } = capture();
          log.child(fields).error({ ...fields, error: Object.assign(new Error('x'), fields) }, 'm');
          expect(raw.join('')).not.toContain(secret);
        },
      ),
    );
  });

  test('are hidden inside text', () => {
    const { log, raw } = capture();
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjNG40cnkifQ.c2lnbmF0dXJl';
    log.info(
      {
        a: 'Basic YWRtaW46YzRuNHJ5',
        b: `got Bearer ${jwt}`,
        c: `?t=${jwt}&`,
        d: 'http://me:c4n4ry@host/x',
        e: '/tokens/berth_pat_c4n4ry/x',
      },
      'm',
    );
    log.error({ error: new Error(`cannot reach https://me:c4n4ry@host: Bearer ${jwt}`) }, 'm');
    expect(raw.join('')).not.toMatch(/c4n4ry|YWRtaW46|eyJ/);
    expect(raw.join('')).toContain('http://[redacted]host/x');
  });

  test('counts under such a name stay', () => {
    const { log, lines } = capture();
    log.info({ tokens: 3, secretLoaded: true }, 'm');
    expect(lines()[0]).toMatchObject({ tokens: 3, secretLoaded: true });
  });
});

describe('size', () => {
  test('long text is cut at 2 KB', () => {
    const { log, raw, lines } = capture();
    log.info({ text: 'x'.repeat(1_000_000) }, 'm');
    expect(raw[0]?.length).toBeLessThan(2300);
    expect(lines()[0]?.text).toMatch(/x… \(1000000 characters\)$/);
  });

  test('whatever is logged, a line comes out and stays small', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 8, maxKeys: 4, withBigInt: true, withDate: true, withTypedArray: true }),
        (fields) => {
          const { log, lines } = capture();
          log.info({ fields }, 'm');
          expect(lines()).toHaveLength(1);
        },
      ),
    );
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const { log, raw } = capture();
    log.info({ circle, bytes: Buffer.alloc(1e6), wide: Array.from({ length: 1e5 }, () => 'x') }, 'm');
    expect(raw[0]?.length).toBeLessThan(2300);
  });
});

test('an error keeps type, code, stack and cause', () => {
  const { log, lines } = capture();
  const cause = Object.assign(new TypeError('inner'), { code: 'ENOSPC' });
  log.error({ error: new Error('outer', { cause }) }, 'm');
  expect(lines()[0]?.error).toMatchObject({
    type: 'Error',
    message: 'outer',
    stack: expect.stringContaining('logger.spec'),
    cause: { type: 'TypeError', message: 'inner', code: 'ENOSPC' },
  });
});

test('a terminal that shows the pretty line obeys nothing that a client sent', () => {
  const line = JSON.stringify({ time: 0, level: 'info', msg: 'x', path: '/\u001b[2J\u202e\u2028', agent: 'a \u009b' });
  const shown = prettyLine(line, false);
  expect(shown).toContain('[2J');
  expect(shown.slice(0, -1)).not.toMatch(/\p{C}|\u2028/u);
});

test('the pretty line reads from left to right', () => {
  const line = JSON.stringify({
    level: 'info',
    time: '2026-11-21T12:00:00Z',
    url: 'http://x:1',
    who: 'a b',
    n: 1,
    msg: 'listening',
  });
  expect(prettyLine(line, false)).toMatch(/^\d\d:\d\d:00 info {2}listening url=http:\/\/x:1 who="a b" n=1\n$/);
  const failed = JSON.stringify({
    level: 'error',
    time: '2026-11-21T12:00:00Z',
    error: { stack: 'E: x\n  at y' },
    msg: 'failed',
  });
  expect(prettyLine(failed, false)).toMatch(/failed\n {4}E: x\n {4} {2}at y\n$/);
  expect(prettyLine(line, true)).toContain('\u001b[36minfo ');
});

test('what Nest tells while it starts is debug, what it fails at is not', () => {
  const { log, lines } = capture();
  const nest = new NestLog(log);
  nest.log('Mapped {/x, GET} route', 'RouterExplorer');
  nest.error(new Error('broken'), 'stack', 'ExceptionHandler');
  expect(lines()).toMatchObject([{ level: 'error', context: 'ExceptionHandler', error: { message: 'broken' } }]);
});

describe('request ids', () => {
  test('a proper one of the client is kept', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/), (id) => expect(requestId(requestWith({ id }))).toBe(id)),
    );
  });

  test.each(['', 'a b', 'x'.repeat(65), 'a\nb', 'é', '"'])('%p is replaced', (id) => {
    const request = requestWith({ id });
    expect(requestId(request)).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
    expect(requestId(request)).toBe(requestId(request));
  });

  test('ours differ', () => {
    expect(requestId(requestWith())).not.toBe(requestId(requestWith()));
  });
});

describe('access log', () => {
  /** Answers one real request with the status, or hangs up on it, and gives what was logged. */
  async function logged(method: string, status: number | 'hang up'): Promise<Record<string, unknown>[]> {
    const { log, lines } = capture('debug');
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v2/a/manifests/1?secret=x`;
    const answer = fetch(url, { method, headers: { 'x-request-id': 'r1' } }).catch(() => undefined);
    const [request, response]: [IncomingMessage, ServerResponse] = await once(server, 'request').then(([a, b]) => [
      a,
      b,
    ]);
    logRequest(log, request, response, () => '10.0.0.9');
    if (status === 'hang up') response.destroy();
    else response.writeHead(status).end();
    await once(response, 'close');
    await answer;
    server.close();
    server.closeAllConnections();
    return lines();
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
});
