import { andThen } from './maybe-async.js';

const double = (n: number): number => n * 2;

it('goes on immediately with a value that is there', () => {
  expect(andThen(21, double)).toBe(42);
});

it('goes on with a promised value when it comes, and fails with it', async () => {
  const promised = andThen(Promise.resolve(21), double);
  expect(promised).toBeInstanceOf(Promise);
  expect(await promised).toBe(42);
  await expect(andThen(Promise.reject(new Error('gone')), double)).rejects.toThrow('gone');
});
