import fc from 'fast-check';
import { Log } from './logger.js';
import { NestLog } from './nest-log.js';
import { prettyLine } from './pretty.js';

function capture(level = 'info'): { log: Log; raw: string[]; lines: () => Record<string, unknown>[] } {
  const raw: string[] = [];
  const log = Log.open({ level, format: 'json' }, { write: (line) => void raw.push(line) });
  return { log, raw, lines: () => raw.map((line) => JSON.parse(line)) };
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
