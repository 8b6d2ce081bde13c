import { SendTurns } from './send-turns.js';

const MiB = 1 << 20;
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns of the event loop among pulls', () => {
  it('lets blocks of one turn go at once, and the others in later turns, in the order in which they came', async () => {
    const turns = new SendTurns();
    const gone: string[] = [];
    const take = (name: string, bytes: number) => void turns.take(bytes).then(() => gone.push(name));
    take('first', MiB / 2);
    take('second', MiB);
    take('third', MiB);
    take('fourth', 1);
    await Promise.resolve();
    await Promise.resolve();
    expect(gone).toEqual(['first', 'second']);
    await nextTurn();
    expect(gone).toEqual(['first', 'second', 'third']);
    await nextTurn();
    expect(gone).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('gives a turn in which nothing waits its whole room again', async () => {
    const turns = new SendTurns();
    for (let turn = 0; turn < 3; turn++) {
      let gone = false;
      void turns.take(MiB).then(() => {
        gone = true;
      });
      await Promise.resolve();
      await Promise.resolve();
      expect(gone).toBe(true);
      await nextTurn();
    }
  });
});
