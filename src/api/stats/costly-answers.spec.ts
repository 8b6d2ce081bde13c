import { clock } from '../../async/clock.js';
import { CostlyAnswers } from './costly-answers.js';

let now: number;
clock.steady = () => now;

let found: number;
let answers: CostlyAnswers<number>;
beforeEach(() => {
  [now, found] = [0, 0];
  answers = new CostlyAnswers();
});

const of = (key: string, by = 'ann') => ({ key, by });

/** Takes so many milliseconds. */
const taking = (ms: number) => async () => {
  now += ms;
  return ++found;
};

test('what took long is given again for twenty times as long', async () => {
  expect(await answers.get(of('a'), taking(100))).toBe(1);
  now += 1999;
  expect(await answers.get(of('a'), taking(100))).toBe(1);
  now += 2;
  expect(await answers.get(of('a'), taking(100))).toBe(2);
});

test('what took nothing is found each time, and each key has its own', async () => {
  expect([await answers.get(of('a'), taking(0)), await answers.get(of('a'), taking(0))]).toEqual([1, 2]);
  expect([await answers.get(of('b'), taking(9)), await answers.get(of('c'), taking(9))]).toEqual([3, 4]);
});

test('all who ask meanwhile get the one answer, or the one failure, which is not kept', async () => {
  const together = await Promise.all([1, 2, 3].map(() => answers.get(of('a'), taking(50))));
  expect(together).toEqual([1, 1, 1]);
  const failing = () => Promise.reject(new Error('lost'));
  const lost = await Promise.allSettled([answers.get(of('b'), failing), answers.get(of('b'), failing)]);
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await answers.get(of('b'), taking(1))).toBe(2);
});

test('what failed after long is not looked for again at once', async () => {
  const failing = async () => {
    now += 100;
    throw new Error('too long');
  };
  await expect(answers.get(of('a'), failing)).rejects.toThrow('too long');
  now += 299;
  await expect(answers.get(of('a'), taking(1))).rejects.toThrow('too long');
  now += 2;
  expect(await answers.get(of('a'), taking(1))).toBe(1);
});

/** Looks until it is told that nobody needs it, as what waits behind other searches of the same seeker. */
const waiting = (over: AbortSignal) =>
  new Promise<number>((_resolve, reject) => over.addEventListener('abort', () => reject(new Error('over'))));

test('nobody waits for the turn of somebody else, and what is found first is for all', async () => {
  const stuck = answers.get(of('a', 'mallory'), waiting);
  expect(await answers.get(of('a'), taking(10))).toBe(1);
  expect(await stuck).toBe(1);
  expect(await answers.get(of('a', 'mallory'), taking(10))).toBe(1);
});

test('what somebody could not find is looked for by others at once', async () => {
  const failing = async () => {
    now += 10_000;
    throw new Error('too long');
  };
  await expect(answers.get(of('a', 'mallory'), failing)).rejects.toThrow('too long');
  expect(await answers.get(of('a'), taking(10))).toBe(1);
  await expect(answers.get(of('b', 'mallory'), failing)).rejects.toThrow('too long');
  await expect(answers.get(of('b', 'mallory'), taking(1))).rejects.toThrow('too long');
});

test('those who looked in vain together are each told so, and the next one finds it', async () => {
  const failing = () => Promise.reject(new Error('lost'));
  const lost = await Promise.allSettled([answers.get(of('a'), failing), answers.get(of('a', 'bob'), failing)]);
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await answers.get(of('a', 'cora'), taking(10))).toBe(1);
});
