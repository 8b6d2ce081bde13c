import { Failure } from '../errors/failure.js';
import { PasswordHasher, type Waiting } from './password-hasher.js';

const right = 'four green bottles';
const hasher = new PasswordHasher(new URL('../../dist/src/users/hash-worker.js', import.meta.url));
const of = (owner: string, lane: Waiting['lane'] = 'stranger'): Waiting => ({ lane, owner });

/** A hash that nothing matches, compared in a hundredth of the usual time. */
let quick: string;
beforeAll(async () => {
  const hash = await hasher.hash(right, of('a'));
  quick = `${hash.slice(0, 4)}04${hash.slice(6)}`;
});
afterAll(() => hasher.onModuleDestroy());

/** Asks for so many comparisons, each noted when it is answered. */
function crowd(waiting: Waiting, count: number, answered: string[] = []): Promise<PromiseSettledResult<void>[]> {
  const note = () => void answered.push(waiting.owner);
  return Promise.allSettled(Array.from({ length: count }, () => hasher.verify(right, quick, waiting).then(note)));
}

describe('PasswordHasher', () => {
  it('turns work away when too much waits, and does the rest', async () => {
    const ended = await crowd(of('a'), 262);
    const refused = ended.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(6);
    expect(
      refused.every((one) => one.reason.code === 'TOO_MANY_REQUESTS' && one.reason.headers['Retry-After'] === '1'),
    ).toBe(true);
  });

  it.each([
    ['another address', of('b')],
    ['an account known there', of('a', 'known')],
    ['somebody who is signed in', of('a', 'signed-in')],
  ])('serves %s in the middle of a crowd, and refuses nobody but the crowd', async (_who, waiting) => {
    const answered: string[] = [];
    const flood = crowd(of('a'), 300, answered);
    await hasher.verify(right, quick, waiting);
    expect(answered.length).toBeLessThan(100);
    await flood;
  });

  it('serves a hundred addresses that flood it one by one', async () => {
    const answered: string[] = [];
    const floods = Array.from({ length: 100 }, (_, n) => crowd(of(`crowd-${n}`), 10, answered));
    await hasher.verify(right, quick, of('b'));
    expect(answered.length).toBeLessThan(300);
    await Promise.all(floods);
  });

  it('asks again when it is the turn of a job, and hashes nothing for one that is not admitted', async () => {
    let answers = 0;
    const admit = () => {
      if (answers >= 3) throw new Failure('TOO_MANY_REQUESTS');
    };
    const guesses = Array.from({ length: 50 }, () =>
      hasher.verify(right, quick, { ...of('a'), admit }).then(() => {
        answers += 1;
      }),
    );
    const refused = (await Promise.allSettled(guesses)).filter(({ status }) => status === 'rejected');
    expect(answers).toBeLessThanOrEqual(3 + 2);
    expect(refused).toHaveLength(50 - answers);
  });

  it('ends at once, whatever waits', async () => {
    const ending = new PasswordHasher(new URL('../../dist/src/users/hash-worker.js', import.meta.url));
    const waiting = Promise.allSettled(Array.from({ length: 200 }, () => ending.hash(right, of('a'))));
    await ending.onModuleDestroy();
    expect(new Set((await waiting).map(({ status }) => status))).toEqual(new Set(['rejected']));
  });
});
