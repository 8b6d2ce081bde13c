import { parse } from 'yaml';
import { bytesText, type Column, cell, named, Output, type OutputOptions } from './output.js';
import { padText, plainText, textWidth } from './text-width.js';

const columns: readonly Column[] = [
  ['name', 'name'],
  ['about', 'about'],
];
const rows = [
  { name: '应用', about: 'a' },
  { name: 'app', about: null },
];

async function printed(options: Partial<OutputOptions>, given: readonly object[] = rows): Promise<string> {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const output = new Output({ format: 'table', quiet: false, colour: false, write, ...options });
  await output.list(
    given.map((row) => ({ ...row })),
    columns,
    'name',
  );
  return said;
}

test.each([
  ['app', 3],
  ['应用', 4],
  ['ｆｕｌｌ', 8],
  ['e\u0301', 1],
  ['한글', 4],
  ['🚢', 2],
])('%s takes %d columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
  expect(textWidth(padText(text, 10))).toBe(10);
});

test('columns line up where characters are wide', async () => {
  expect(await printed({})).toBe('NAME  ABOUT\n应用  a\napp\n');
});

test('what others wrote never reaches the terminal as an order', async () => {
  expect(plainText('a\u001b[2Jb\r\nc\u202ed')).toBe('a [2Jb c d');
  expect(await printed({}, [{ name: 'x\u001b]0;title\u0007', about: '' }])).not.toContain('\u001b');
});

/** One of every kind: C0, DEL, C1, zero width, marks and orders of direction, separators, tags beyond the first plane. */
const hostile =
  'a\u0000\u001b]52;c;x\u0007\u007f\u009b31m\u00ad\u061c\u200b\u200d\u200e\u202e\u2028\u2060\u2066\ufeff\u{e0041}\t\nz';
const unreadable = /[^\P{C}\n]|[\u2028\u2029]/u;

test.each(['table', 'json', 'yaml'] as const)(
  'nothing in a %s is obeyed by a terminal, and nothing is lost for programs',
  async (format) => {
    const given = [{ name: hostile, about: { [hostile]: [hostile, `two\nlines`] } }];
    const said = await printed({ format }, given);
    expect(said).not.toMatch(unreadable);
    if (format === 'json') expect(JSON.parse(said)).toEqual(given);
    if (format === 'yaml') expect(parse(said)).toEqual(given);
    expect(await printed({ format, quiet: true }, given)).not.toMatch(unreadable);
  },
);

test('names of fields that a server made up are not obeyed either', async () => {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const output = new Output({ format: 'table', quiet: false, colour: false, write });
  await output.show({ [hostile]: hostile, plain: 'a' }, 'plain');
  expect(said).not.toMatch(unreadable);
  expect(said).toMatch(/^plain +a$/m);
});

test('values that are no values are shown as what they are', () => {
  const trap = { toString: 1, valueOf: 1 };
  expect(cell({ type: trap, name: trap })).toBe('toString=1 valueOf=1:toString=1 valueOf=1');
  expect(named('actor')({ actor: { kind: trap } })).toBe('toString=1 valueOf=1');
  expect(bytesText(trap)).toBe('');
});

test('a table is for people: what is nested is written out', () => {
  expect(cell({ os: 'linux', variant: null, of: { name: 'a', tags: ['x', 'y'] } })).toBe(
    'os=linux of=(name=a tags=x, y)',
  );
  expect(cell([{ pattern: 'team/*', actions: ['pull', 'push'] }])).toBe('pattern=team/* actions=pull, push');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1536, '1.5 kB'],
  [5 * 1024 ** 3, '5.4 GB'],
  [2 ** 53 - 1, '9 PB'],
])('%d bytes are %s, as in the console', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test('a table has any number of rows', async () => {
  const many = Array.from({ length: 200_000 }, (_, n) => ({ name: `n${n}` }));
  expect((await printed({}, many)).split('\n')).toHaveLength(200_002);
});

test('programs get the rows as they are', async () => {
  expect(JSON.parse(await printed({ format: 'json' }))).toEqual(rows);
  expect(await printed({ format: 'yaml' })).toBe('- name: 应用\n  about: a\n- name: app\n  about: null\n');
  expect(await printed({ quiet: true })).toBe('应用\napp\n');
});

test('an empty list is a heading, an empty array, or nothing', async () => {
  expect(await printed({}, [])).toBe('NAME  ABOUT\n');
  expect(await printed({ format: 'json' }, [])).toBe('[]\n');
  expect(await printed({ quiet: true }, [])).toBe('');
});
