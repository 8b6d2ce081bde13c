import type { AuditEvent } from '../../audit/audit-reader.js';
import { csvLine } from './present-event.js';

const event = {
  id: 1,
  at: new Date(0),
  lastAt: new Date(0),
  count: 1,
  action: 'push',
  result: 'ok',
  actor: 'user:ann',
  resource: 'repository:app',
  reference: '',
  address: '',
  requestId: '',
  detail: {},
} as unknown as AuditEvent; // the fields that matter here

/** The cells of a line as a spreadsheet sees them whose settings separate with this character. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (const character of line) {
    if (character === '"' && (quoted || cell === '')) quoted = !quoted;
    else if (character === separator && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(1)',
  '\t=1',
  '  =1',
  "'=1",
  'x;=1+1',
  'x; =1+1',
  'x;"=1+1',
  'x;""=1+1',
  'x,=1+1',
  'x\t=1+1',
  'x|@x',
  'x;;-1',
  'x;\r=1',
  '＝1+1',
  'x;＋1',
  'a"b;=1;c"d;+1',
])('no spreadsheet of any country takes %j for a formula', (userAgent) => {
  for (const separator of [',', ';', '\t', '|']) {
    const line = csvLine({ ...event, userAgent, detail: { before: { x: userAgent } } });
    for (const cell of cellsOf(line, separator)) expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
  }
});

test('what is no formula stays as it is', () => {
  expect(csvLine({ ...event, userAgent: 'docker/28.0 (linux)' })).toContain(',docker/28.0 (linux),');
});
