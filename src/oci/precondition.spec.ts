import { allowsChange } from './precondition.js';

const none = undefined;

test.each([
  [{}, none, true],
  [{}, '"a"', true],
  [{ 'if-match': '*' }, none, false],
  [{ 'if-match': '*' }, '"a"', true],
  [{ 'if-match': '"a"' }, '"a"', true],
  [{ 'if-match': '"b", "a"' }, '"a"', true],
  [{ 'if-match': 'W/"a"' }, '"a"', false],
  [{ 'if-match': '"b"' }, '"a"', false],
  [{ 'if-match': '"a"' }, none, false],
  [{ 'if-none-match': '*' }, none, true],
  [{ 'if-none-match': '*' }, '"a"', false],
  [{ 'if-none-match': '"a"' }, '"a"', false],
  [{ 'if-none-match': 'W/"a"' }, '"a"', false],
  [{ 'if-none-match': '"b"' }, '"a"', true],
  [{ 'if-none-match': '"a"' }, none, true],
  [{ 'if-match': '"a"', 'if-none-match': '*' }, '"a"', false],
])('%j on %j: %j', (headers, current, allowed) => expect(allowsChange(headers, current)).toBe(allowed));
