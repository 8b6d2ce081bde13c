import { Slots } from './slots.js';

test('so many at once, the others in order', async () => {
  const slots = new Slots(2);
  const entered: number[] = [];
  const enter = async (number: number) => {
    const release = await slots.take();
    entered.push(number);
    return release;
  };
  const [first, second, third, fourth] = [enter(1), enter(2), enter(3), enter(4)];
  const release = await first;
  await second;
  expect(entered).toEqual([1, 2]);
  release();
  release(); // a second time gives nothing
  await third;
  expect(entered).toEqual([1, 2, 3]);
  (await second)();
  await fourth;
  expect(entered).toEqual([1, 2, 3, 4]);
});

test('who gives up waiting takes no turn', async () => {
  const slots = new Slots(1);
  const release = await slots.take();
  const leaving = new AbortController();
  const gone = slots.take(leaving.signal);
  const staying = slots.take();
  leaving.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  await expect(slots.take(leaving.signal)).rejects.toThrow('enough');
  release();
  (await staying)();
  expect(await slots.run(async () => 'done')).toBe('done');
});

test('work that fails gives its slot back', async () => {
  const slots = new Slots(1);
  const failing = slots.run(() => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await slots.run(async () => 'next')).toBe('next');
});
