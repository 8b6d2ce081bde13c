import { clock } from '../../async/clock.js';
import { Failure } from '../../errors/failure.js';
import { Fault, faultOf, faultOfStatus, Stalled } from './fault.js';
import { Retries, retryAfterMs } from './retries.js';

const host = 'registry.example:443';
const limits = { attempts: 4, pauseMs: 1000, longestPauseMs: 3000, longestRetryAfterMs: 60_000 };
const never = new AbortController().signal;
const { steady, wall } = clock;
let now = 0;
let pauses: number[];

beforeEach(() => {
  [now, pauses] = [0, []];
  clock.steady = () => now;
});
afterEach(() => Object.assign(clock, { steady, wall }));

const retries = (random = 0.5) =>
  new Retries(host, limits, {
    random: () => random,
    pause: async (ms) => {
      pauses.push(ms);
      now += ms;
    },
  });

/** Fails with these, one after the other, then succeeds. */
function failing(...faults: unknown[]): () => Promise<string> {
  const left = [...faults];
  return async () => {
    const fault = left.shift();
    if (fault !== undefined) throw fault;
    return 'done';
  };
}

const of = (code: string) => Object.assign(new Error(code), { code });
const status = (number: number, after?: number) => faultOfStatus(number, host, '', after);

test('what passes is tried again, after pauses that grow up to a bound', async () => {
  expect(await retries().run(failing(of('ECONNRESET'), status(500), new Stalled()), never)).toBe('done');
  expect(pauses).toEqual([500, 1000, 1500]);
});

test('and given up in the end, with what the last try said', async () => {
  const work = failing(status(500), status(502), status(503), of('EPIPE'));
  await expect(retries().run(work, never)).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' });
  expect(pauses).toHaveLength(3);
});

test('a kept connection that turns out to be closed costs no pause', async () => {
  const closed = new Fault(new Failure('REMOTE_UNREACHABLE'), 'at-once');
  expect(await retries().run(failing(closed), never)).toBe('done');
  expect(pauses).toEqual([]);
});

test.each([
  [status(401), 'REMOTE_DENIED'],
  [status(403), 'REMOTE_DENIED'],
  [status(400), 'REMOTE_REJECTED'],
  [status(413), 'REMOTE_REJECTED'],
  [of('CERT_HAS_EXPIRED'), 'REMOTE_UNTRUSTED'],
  [of('DEPTH_ZERO_SELF_SIGNED_CERT'), 'REMOTE_UNTRUSTED'],
  [of('ENOTFOUND'), 'REMOTE_UNREACHABLE'],
  [of('HPE_INVALID_CONSTANT'), 'REMOTE_INVALID'],
  [new Failure('MANIFEST_UNKNOWN'), 'MANIFEST_UNKNOWN'],
])('%s is final', async (fault, code) => {
  await expect(retries().run(failing(fault), never)).rejects.toMatchObject({ code });
  expect(pauses).toEqual([]);
});

test('what is no fault of the registry is thrown as it is', async () => {
  const ours = new TypeError('ours');
  await expect(retries().run(failing(ours), never)).rejects.toBe(ours);
});

test('when the registry says how long, everybody waits, and it costs no attempts', async () => {
  const shared = retries();
  const work = failing(...Array.from({ length: 6 }, () => status(429, 7000)));
  expect(await shared.run(work, never)).toBe('done');
  expect(pauses).toEqual([7000, 7000, 7000, 7000, 7000, 7000]);
  await expect(shared.run(failing(...Array.from({ length: 11 }, () => status(503, 0))), never)).rejects.toMatchObject({
    code: 'REMOTE_BUSY',
  });
  const before = now;
  expect(await shared.run(failing(), never)).toBe('done');
  expect(now).toBe(before + 1000);
});

test('nobody is made to wait longer than the cap', async () => {
  expect(await retries().run(failing(status(429, 86_400_000)), never)).toBe('done');
  expect(pauses).toEqual([60_000]);
});

test('whoever does not want to wait any more gets their reason', async () => {
  const leaving = new AbortController();
  const reason = new Error('enough');
  const left = new Retries(host, limits, {
    random: () => 0.5,
    pause: (_ms, signal) => {
      leaving.abort(reason);
      return Promise.reject(signal.reason);
    },
  });
  await expect(left.run(failing(status(500)), leaving.signal)).rejects.toBe(reason);
  await expect(left.run(failing(), leaving.signal)).rejects.toBe(reason);
});

test('Retry-After is seconds or a date', () => {
  clock.wall = () => Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterMs('120')).toBe(120_000);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT')).toBe(60_000);
  expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
  for (const none of [undefined, 'soon', '']) expect(retryAfterMs(none)).toBeUndefined();
});

test('what the system says of a connection never carries a path', () => {
  expect(faultOf(of('ECONNREFUSED'), host).message).toBe('registry.example:443: ECONNREFUSED');
});
