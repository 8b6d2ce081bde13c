import { jsonShape } from './json-shape.js';

test.each([
  ['', 0, 1],
  ['{}', 1, 2],
  ['[1,2,3]', 1, 4],
  ['{"a":[{"b":1}],"c":[[]]}', 3, 7],
  ['{"a[[[[":"{{{{\\"[[[[,,,,\\\\"}', 1, 2],
])('%s', (text, depth, values) => {
  expect(jsonShape(Buffer.from(text))).toEqual({ depth, values });
});
