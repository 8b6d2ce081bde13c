import fc from 'fast-check';
import { parse } from 'yaml';
import { writeYaml } from './write-yaml.js';

const versions = ['1.1', '1.2'] as const;
const readAs = async (value: unknown) => {
  const text = await writeYaml(value);
  return versions.map((version) => parse(text, { version }));
};

test.each([
  ...['no', 'No', 'NO', 'n', 'y', 'yes', 'on', 'Off', 'true', 'FALSE', 'null', '~', ''],
  ...['2024-01-01', '2024-01-01T00:00:00Z', '1:30', '190:20:30', '010', '0o10', '0x1f', '0b1', '1_000', '1e3', '1.5'],
  ...[
    '.inf',
    '.NaN',
    '-1',
    '+1',
    '=',
    '<<',
    '- a',
    '# a',
    'a: b',
    'a #b',
    '%a',
    '@a',
    '`a',
    '!a',
    '&a',
    '*a',
    'a\nb',
    ' a ',
  ],
])('%j is a text, as a value and as a name', async (text) => {
  const value = { name: text, [text]: [text] };
  expect(await readAs(value)).toEqual([value, value]);
});

test('what is no text stays what it is', async () => {
  const value = { a: null, b: true, c: 12, d: 1.5, e: [], f: {} };
  expect(await readAs(value)).toEqual([value, value]);
  expect(await writeYaml({ name: 'team/app', size: 5 })).toBe('name: team/app\nsize: 5\n');
});

test('any text comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      expect(await readAs([text])).toEqual([[text], [text]]);
    }),
  );
});
