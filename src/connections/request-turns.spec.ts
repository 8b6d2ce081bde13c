import { clock } from '../async/clock.js';
import { RequestTurns } from './request-turns.js';

const nextTurn = () => new Promise(setImmediate);

describe('RequestTurns', () => {
  let now = 0;
  clock.steady = () => now;
  let begun: string[] = [];
  let turns = new RequestTurns();
  const ask = (name: string, address = name) => {
    if (turns.waiting) turns.add(address, () => begun.push(name));
    else begun.push(name);
  };

  beforeEach(() => {
    now = 0;
    begun = [];
    turns = new RequestTurns();
  });

  it('begins a request at once when nobody comes in', () => {
    ask('a');
    expect(begun).toEqual(['a']);
  });

  it('lets those in who come, and begins what waits when nobody comes any more', async () => {
    turns.arrived('a', () => undefined);
    ask('a');
    expect(begun).toEqual([]);
    await nextTurn();
    expect(begun).toEqual([]);
    await nextTurn();
    expect(begun).toEqual(['a']);
    ask('b');
    expect(begun).toEqual(['a', 'b']);
  });

  it('begins requests in the middle of a crowd that does not end, each address in its turn', async () => {
    for (let came = 0; came < 256; came++) {
      turns.arrived('crowd', () => undefined);
      ask(`crowd ${came}`, 'crowd');
      await nextTurn();
    }
    expect(turns.lettingIn).toBe(true);
    expect(begun).toEqual([]);
    turns.arrived('crowd', () => undefined);
    ask('somebody else');
    await nextTurn();
    expect(turns.lettingIn).toBe(false);
    expect(begun.slice(0, 2)).toEqual(['crowd 0', 'somebody else']);
  });

  it('reads the first of a crowd at once, and the others a few a turn, each address in its turn', async () => {
    const read: string[] = [];
    const come = (name: string, address: string) => turns.arrived(address, () => read.push(name));
    for (let came = 0; came < 8; came++) come(`crowd ${came}`, 'crowd');
    come('somebody else', 'other');
    expect(read).toEqual(['crowd 0']);
    await nextTurn();
    expect(read).toHaveLength(1);
    await nextTurn();
    expect(read).toEqual(['crowd 0', 'crowd 1', 'somebody else', 'crowd 2', 'crowd 3']);
    await nextTurn();
    expect(read).toHaveLength(9);
  });

  it('begins a few a turn when each takes long', async () => {
    turns.arrived('a', () => undefined);
    for (const name of ['a', 'b', 'c']) {
      turns.add(name, () => {
        begun.push(name);
        now += 5;
      });
    }
    await nextTurn();
    await nextTurn();
    expect(begun).toEqual(['a']);
    await nextTurn();
    expect(begun).toEqual(['a', 'b']);
    await nextTurn();
    expect(begun).toEqual(['a', 'b', 'c']);
  });
});
