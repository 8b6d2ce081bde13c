import { CostlyAnswers } from './costly-answers.js';

let now: number;
let found: number;
let answers: CostlyAnswers<number>;
beforeEach(() => {
  [now, found] = [0, 0];
  answers = new CostlyAnswers(() => now);
});

/** Takes so many milliseconds. */
const taking = (ms: number) => async () => {
  now += ms;
  return ++found;
};

test('what took long is given again for twenty times as long', async () => {
  expect(await answers.get('a', taking(100))).toBe(1);
  now += 1999;
  expect(await answers.get('a', taking(100))).toBe(1);
  now += 2;
  expect(await answers.get('a', taking(100))).toBe(2);
});

test('what took nothing is found each time, and each key has its own', async () => {
  expect([await answers.get('a', taking(0)), await answers.get('a', taking(0))]).toEqual([1, 2]);
  expect([await answers.get('b', taking(9)), await answers.get('c', taking(9))]).toEqual([3, 4]);
});

test('all who ask meanwhile get the one answer, or the one failure, which is not kept', async () => {
  const together = await Promise.all([1, 2, 3].map(() => answers.get('a', taking(50))));
  expect(together).toEqual([1, 1, 1]);
  const failing = () => Promise.reject(new Error('lost'));
  const lost = await Promise.allSettled([answers.get('b', failing), answers.get('b', failing)]);
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await answers.get('b', taking(1))).toBe(2);
});

test('what failed after long is not looked for again at once', async () => {
  const failing = async () => {
    now += 100;
    throw new Error('too long');
  };
  await expect(answers.get('a', failing)).rejects.toThrow('too long');
  now += 299;
  await expect(answers.get('a', taking(1))).rejects.toThrow('too long');
  now += 2;
  expect(await answers.get('a', taking(1))).toBe(1);
});
