import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { jest } from '@jest/globals';
import { clock } from '../async/clock.js';
import { isFailure } from '../errors/failure.js';
import { SignInLimiter } from './sign-in-limiter.js';

function limiter(): { limiter: SignInLimiter; advance(ms: number): void } {
  let now = 1_000_000;
  clock.steady = () => now;
  const advance = (ms: number) => {
    now += ms;
  };
  return { limiter: new SignInLimiter({ failures: 3, windowMs: 60_000 }), advance };
}

function fail(subject: SignInLimiter, times: number, username = 'ann', address = '192.0.2.1'): void {
  for (let count = 0; count < times; count++) subject.of(username, address).failed();
}

function refusal(subject: SignInLimiter, username = 'ann', address = '192.0.2.1'): unknown {
  try {
    subject.of(username, address).check();
    return undefined;
  } catch (error) {
    return isFailure(error, 'TOO_MANY_REQUESTS') ? error.headers['Retry-After'] : error;
  }
}

describe('SignInLimiter', () => {
  test('lets the last allowed attempt through and refuses the next, saying how many seconds to wait', () => {
    const { limiter: subject, advance } = limiter();
    fail(subject, 2);
    expect(refusal(subject)).toBeUndefined();
    advance(500);
    fail(subject, 1);
    expect(refusal(subject)).toBe('60');
    advance(30_000);
    expect(refusal(subject)).toBe('30');
  });

  test('begins anew when the window is over', () => {
    const { limiter: subject, advance } = limiter();
    fail(subject, 3);
    advance(60_000);
    expect(refusal(subject)).toBeUndefined();
    fail(subject, 2);
    expect(refusal(subject)).toBeUndefined();
  });

  test('keeps accounts and addresses apart, but not spellings of one account', () => {
    const { limiter: subject } = limiter();
    fail(subject, 3);
    expect(refusal(subject, 'bob')).toBeUndefined();
    expect(refusal(subject, 'ann', '192.0.2.2')).toBeUndefined();
    expect(refusal(subject, 'ANN')).toBe('60');
  });

  test('takes a /64 for one address', () => {
    const { limiter: subject } = limiter();
    for (let host = 1; host <= 3; host++) fail(subject, 1, 'ann', `2001:db8:0:1::${host}`);
    expect(refusal(subject, 'ann', '2001:db8:0:1:ffff::9')).toBe('60');
    expect(refusal(subject, 'ann', '2001:db8:0:2::1')).toBeUndefined();
  });

  test('a clock that is set changes no lock', () => {
    const subject = new SignInLimiter({ failures: 3, windowMs: 60_000 });
    const today = Date.now();
    const wall = jest.spyOn(clock, 'wall').mockReturnValue(today);
    try {
      fail(subject, 3);
      for (const hours of [-2, 0, 26]) {
        wall.mockReturnValue(today + hours * 3_600_000);
        expect(refusal(subject)).toBe('60');
      }
    } finally {
      wall.mockRestore();
    }
  });

  test('a success wipes the slate', () => {
    const { limiter: subject } = limiter();
    fail(subject, 2);
    subject.of('ann', '192.0.2.1').succeeded();
    fail(subject, 2);
    expect(refusal(subject)).toBeUndefined();
  });

  test('an administrator unlocks an account everywhere, and no other', () => {
    const { limiter: subject } = limiter();
    fail(subject, 3);
    fail(subject, 3, 'ann', '192.0.2.2');
    fail(subject, 2, 'ann', '192.0.2.3');
    fail(subject, 3, 'anna');
    expect(subject.unlock('Ann')).toBe(2);
    expect(refusal(subject)).toBeUndefined();
    expect(refusal(subject, 'ann', '192.0.2.2')).toBeUndefined();
    expect(refusal(subject, 'anna')).toBe('60');
    expect(subject.unlock('ann')).toBe(0);
  });

  test('T30 a hundred thousand made-up names take less than 20 MB', () => {
    const { limiter: subject } = limiter();
    setFlagsFromString('--expose_gc');
    const collect: () => void = runInNewContext('gc');
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let name = 0; name < 100_000; name++) fail(subject, 1, `made-up-${'\u6708'.repeat(200)}-${name}`);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
    fail(subject, 3, 'zoe');
    expect(refusal(subject, 'zoe')).toBe('60');
  });

  test('remembers a lock for longer than names can be made up in its window', () => {
    const { limiter: subject } = limiter();
    fail(subject, 3);
    for (let name = 0; name < 40_000; name++) fail(subject, 1, `made-up-${name}`);
    expect(refusal(subject)).toBe('60');
  });
});
