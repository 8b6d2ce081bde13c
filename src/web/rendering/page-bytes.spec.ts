import Handlebars from 'handlebars';
import { contentBytes, escapedBytes, PageRoom } from './page-bytes.js';

describe('bytes of a text in a page', () => {
  test.each(['', 'plain', '&<>"\'`=', '水 é 😀', '"'.repeat(1000)])('%j', (text) => {
    expect(escapedBytes(text)).toBe(Buffer.byteLength(Handlebars.escapeExpression(text)));
  });
});

describe('the room of a page', () => {
  const weigh = (text: string) => text.length;

  test('goes to the beginning of each list, as far as the list and the page have any', () => {
    const room = new PageRoom();
    expect(room.take(['ab', 'cd', 'ef'], 5, weigh)).toEqual(['ab', 'cd']);
    const rest = contentBytes - 4;
    expect(room.take(['x'.repeat(rest - 1), 'yy', 'z'], rest, weigh)).toHaveLength(1);
    expect(room.take(['ab'], 5, weigh)).toEqual([]);
    expect(room.take(['a'], 5, weigh)).toEqual(['a']);
  });

  test('goes to the beginning of a text, and no character is cut in two', () => {
    const text = `${'"'.repeat(10_000)}${'😀'.repeat(10_000)}`;
    for (const most of [10_000, 70_000]) {
      const taken = new PageRoom().takeText(text, most);
      expect(text.startsWith(taken)).toBe(true);
      expect(escapedBytes(taken)).toBeGreaterThan(most - 1600);
      expect(escapedBytes(taken)).toBeLessThanOrEqual(most);
      expect(taken).not.toMatch(/\p{Surrogate}/u);
    }
  });
});
