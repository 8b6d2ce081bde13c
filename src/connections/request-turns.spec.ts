import { RequestTurns } from './request-turns.js';

const nextTurn = () => new Promise(setImmediate);

describe('RequestTurns', () => {
  let now = 0;
  let begun: string[] = [];
  let turns = new RequestTurns(() => now);
  const ask = (name: string, address = name) => {
    if (turns.waiting) turns.add(address, () => begun.push(name));
    else begun.push(name);
  };

  beforeEach(() => {
    now = 0;
    begun = [];
    turns = new RequestTurns(() => now);
  });

  it('begins a request at once when nobody comes in', () => {
    ask('a');
    expect(begun).toEqual(['a']);
  });

  it('lets those in who come, and begins what waits when nobody comes any more', async () => {
    turns.arrived();
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
    for (const came of [0, 1]) {
      turns.arrived();
      ask(`crowd ${came}`, 'crowd');
      now += 8;
      await nextTurn();
    }
    turns.arrived();
    ask('somebody else');
    expect(begun).toEqual([]);
    now += 8;
    await nextTurn();
    expect(begun.slice(0, 2)).toEqual(['crowd 0', 'somebody else']);
  });

  it('begins a few a turn when each takes long', async () => {
    turns.arrived();
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
