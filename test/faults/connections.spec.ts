import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { mustRun } from '../support/child.js';
import { type Answer, send } from '../support/http.js';
import { until } from '../support/ports.js';
import { RawConnection } from '../support/raw-connection.js';
import { requireRoot } from '../support/tools.js';

const quick = { BERTH_READ_TIMEOUT: '1s', BERTH_WRITE_TIMEOUT: '1s' };
const head = (method: string, path: string, ...more: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: berth.test', ...more, '\r\n'].join('\r\n');

async function answersOf(connection: RawConnection): Promise<{ statuses: number[]; last: string | undefined }> {
  const statuses: number[] = [];
  let last: string | undefined;
  for (;;) {
    const answer = await connection.answer();
    if (answer === undefined) return { statuses, last };
    statuses.push(answer.status);
    last = answer.headers.get('connection')?.[0];
  }
}

describe('requests that come before the answers to others', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(() => berth.stop());

  it.each(['/healthz', '/api/openapi.json', '/v2/', '/token?service=berth', '/sign-in'])(
    'are answered in order, sixteen of them (%s)',
    async (path) => {
      const connection = await RawConnection.open(berth.url);
      connection.write(head('GET', path).repeat(16));
      for (let count = 0; count < 16; count++)
        expect((await connection.answer())?.headers.get('connection')).not.toContain('close');
      connection.write(head('GET', path).repeat(40));
      const { statuses, last } = await answersOf(connection);
      expect(statuses).toHaveLength(16);
      expect(new Set(statuses)).toEqual(new Set([path === '/v2/' ? 401 : 200]));
      expect(last).toBe('close');
    },
  );

  it.each(['100-continue', 'something-else'])('are as many when they expect something (%s)', async (expected) => {
    const connection = await RawConnection.open(berth.url);
    const question = head('POST', '/healthz', `Expect: ${expected}`, 'Content-Length: 0');
    connection.write(question.repeat(40));
    const { statuses, last } = await answersOf(connection);
    expect(statuses.filter((status) => status !== 100)).toEqual(Array(16).fill(405));
    expect(last).toBe('close');
  });

  it('may have bodies', async () => {
    const connection = await RawConnection.open(berth.url);
    const wrong = JSON.stringify({ username: 'nobody', password: 'x'.repeat(200_000) });
    const login = head(
      'POST',
      '/api/v1/auth/login',
      'Content-Type: application/json',
      `Content-Length: ${wrong.length}`,
    );
    connection.write(`${login}${wrong}${head('GET', '/healthz')}${login}${wrong}${head('GET', '/healthz')}`);
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push((await connection.answer())?.status);
    expect(statuses).toEqual([400, 200, 400, 200]);
    connection.close();
  });
});

describe('a client that asks for another protocol', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(() => berth.stop());

  it.each([
    ['GET', '/healthz', '', 200],
    ['POST', '/v2/', 'abc', 405],
    ['POST', '/token', 'a=b', 415],
    ['GET', '/api/openapi.json', '', 200],
  ])('is answered, and waits for nothing that it sent behind (%s %s)', async (method, path, body, status) => {
    for (const behind of ['', head('GET', '/v2/'), 'GET /v2/ HTT']) {
      const connection = await RawConnection.open(berth.url);
      const more = ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', `Content-Length: ${body.length}`];
      connection.write(`${head('GET', '/healthz')}${head(method, path, ...more)}${body}${behind}`);
      const { statuses, last } = await answersOf(connection);
      expect([statuses, last]).toEqual([[200, status], 'close']);
    }
  });
});

describe('a client that stops', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth({ env: quick });
  });
  afterAll(() => berth.stop());

  it.each([
    ['signing in', 'POST', '/api/v1/auth/login', 'application/json'],
    ['a form of a page', 'POST', '/sign-in', 'application/x-www-form-urlencoded'],
    ['a form of the realm', 'POST', '/token', 'application/x-www-form-urlencoded'],
    ['a body that nobody wants', 'GET', '/api/v1/users', 'application/json'],
  ])('in the middle of a body loses the connection (%s)', async (_name, method, path, type) => {
    const connection = await RawConnection.open(berth.url);
    connection.write(`${head(method, path, `Content-Type: ${type}`, 'Content-Length: 1000')}{"`);
    const answer = await connection.answer();
    expect(method === 'GET' ? [401, 408] : [408]).toContain(answer?.status);
    await connection.ended();
  });

  it.each(['/api/openapi.json', '/api/openapi.yaml'])('reading loses the connection (%s)', async (path) => {
    // More than what fits into the buffers of both sides.
    const sockets = Array.from({ length: 3 }, () => unread(berth, head('GET', path).repeat(16)));
    await until('all are gone', async () => sockets.every(isGone));
    expect((await send(berth.url, '/healthz')).status).toBe(200);
  });
});

/** Asks, and reads nothing of what comes. */
function unread(berth: Berth, text: string): Socket {
  const socket = connect(Number(new URL(berth.url).port), '127.0.0.1');
  socket.on('error', () => undefined).pause();
  socket.write(text);
  return socket;
}

/** Who does not read learns of the end only when he writes. */
function isGone(socket: Socket): boolean {
  if (!socket.destroyed) socket.write('\r\n');
  return socket.destroyed;
}

describe('a client that asks for a tunnel', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(() => berth.stop());

  it('and hangs up at once harms nobody else', async () => {
    const { pid } = berth;
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 20 }, () => resetAfter(berth, head('CONNECT', 'elsewhere.test:443'))));
      expect((await send(berth.url, '/healthz')).status).toBe(200);
    }
    expect([berth.pid, berth.output()]).toEqual([pid, expect.not.stringContaining('"level":"fatal"')]);
  });

  it('is told that there is none, and let go of although it holds its own side open', async () => {
    const socket = connect({ port: Number(new URL(berth.url).port), host: '127.0.0.1', allowHalfOpen: true });
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => undefined);
    socket.write(head('CONNECT', 'elsewhere.test:443'));
    await until('it is answered', async () => Buffer.concat(received).toString().startsWith('HTTP/1.1 405 '));
    await until('it is gone', async () => isGone(socket));
  });

  it('does not read of it in the middle of another answer', async () => {
    const connection = await RawConnection.open(berth.url);
    const questions = head('GET', '/api/openapi.json').repeat(12);
    connection.write(`${questions}${head('CONNECT', 'elsewhere.test:443')}`);
    const { statuses } = await answersOf(connection);
    expect(new Set([200, ...statuses])).toEqual(new Set([200]));
    await connection.ended();
  });
});

/** Asks, and breaks the connection off before there can be an answer. */
function resetAfter(berth: Berth, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(berth.url).port), '127.0.0.1', () => {
      socket.write(text, () => socket.resetAndDestroy());
    });
    socket.on('error', () => undefined).once('close', () => resolve());
  });
}

describe('more connections than an address may have', () => {
  const few = { BERTH_CONNECTIONS_PER_ADDRESS: '16' };

  it('are refused, and have their place when others are gone', async () => {
    const berth = await startBerth({ env: { ...few, BERTH_TRUSTED_PROXIES: 'none' } });
    const open = await Promise.all(Array.from({ length: 16 }, () => RawConnection.open(berth.url)));
    const refused = await RawConnection.open(berth.url);
    const answer = await refused.answer();
    expect([answer?.status, answer?.headers.get('retry-after')]).toEqual([429, ['1']]);
    await refused.ended();
    for (const connection of open) {
      connection.write(head('GET', '/healthz'));
      expect((await connection.answer())?.status).toBe(200);
    }
    open[0]?.close();
    await until('there is a place', async () => (await send(berth.url, '/healthz')).status === 200);
    for (const connection of open) connection.close();
    await berth.stop();
  });

  it('are counted by the client behind a proxy, whose own are not', async () => {
    const berth = await startBerth({ env: few });
    const busy = head('POST', '/token', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 9');
    const from = (address: string) => busy.replace('\r\n\r\n', `\r\nX-Forwarded-For: ${address}\r\n\r\n`);
    const open = await Promise.all(Array.from({ length: 40 }, () => RawConnection.open(berth.url)));
    for (const [at, connection] of open.entries()) connection.write(from(at < 16 ? '2001:db8::1' : `192.0.2.${at}`));
    const ask = (address: string, path: string) => send(berth.url, path, { headers: { 'x-forwarded-for': address } });
    await until('all are under way', async () => (await ask('2001:db8::2', '/healthz')).status === 429);
    const refused = await ask('2001:db8::2', '/v2/');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(JSON.parse(refused.body.toString()).errors[0].code).toBe('TOOMANYREQUESTS');
    expect((await ask('2001:db8:1::2', '/healthz')).status).toBe(200);
    open[0]?.write('a=b&c=d&e');
    expect((await open[0]?.answer())?.status).toBe(400);
    expect((await ask('2001:db8::2', '/healthz')).status).toBe(200);
    for (const connection of open) connection.close();
    await berth.stop();
  });
});

requireRoot('prlimit')('a process with 256 descriptors', () => {
  it('answers probes and the administrator while strangers take all there are', async () => {
    const berth = await startBerth();
    await mustRun('prlimit', ['--pid', String(berth.pid), '--nofile=256:256']);
    const patient = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await send(berth.url, '/healthz', { agent: patient })).status).toBe(200);
    const login = head('POST', '/api/v1/auth/login', 'Content-Type: application/json', 'Content-Length: 100');
    const strangers: Socket[] = [];
    const statuses: number[] = [];
    for (let wave = 0; wave < 8; wave++) {
      for (let count = 0; count < 100; count++) strangers.push(unread(berth, wave % 2 === 0 ? '' : login));
      await until('it answers', async () => (await send(berth.url, '/healthz')).status === 200);
      for (let count = 0; count < 10; count++) statuses.push((await send(berth.url, '/healthz')).status);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await overSocket(join(berth.dataDir, 'berth.sock'), '/api/v1/users')).status).toBe(200);
    expect((await berth.api('GET', '/api/v1/users')).status).toBe(200);
    for (const socket of strangers) socket.destroy();
    patient.destroy();
    expect(berth.output()).toMatch(/"reason":"file descriptors run out[^"]*","msg":"connections ended"/);
    await berth.stop();
  });
});

/** What the `berth` command would be told. */
function overSocket(socketPath: string, path: string): Promise<Pick<Answer, 'status'>> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0 });
    })
      .on('error', reject)
      .end();
  });
}

describe('a request that two programs could read in two ways', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(() => berth.stop());

  it.each([
    ['Host: other.test'],
    ['host: berth.test'],
    ['Authorization: Basic YTpi', 'authorization: Basic YTpj'],
    ['Content-Type: application/json', 'Content-Type: text/plain'],
    ['Range: bytes=0-1', 'RANGE: bytes=2-3'],
    ['Content-Length: 0', 'Content-Length: 0'],
    ['Transfer-Encoding: gzip, chunked'],
  ])('is refused (%s)', async (...lines) => {
    for (const path of ['/v2/', '/healthz', '/api/v1/users', '/token', '/sign-in']) {
      const connection = await RawConnection.open(berth.url);
      connection.write(head('GET', path, ...lines));
      expect((await connection.answer())?.status).toBe(400);
      await connection.ended();
    }
  });
});
