import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { RawConnection } from '../support/raw-connection.js';

/** T34: whatever a client sends, the log has one line of JSON for each event, and none is long. */
let berth: Berth;

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_LOG_LEVEL: 'debug', BERTH_LOGIN_FAILURES: '100000' } });
});

afterAll(() => berth.stop());

const forged = '{"time":"2000-01-01T00:00:00.000Z","level":"info","msg":"forged"}';
const hostile = [
  `x\r\n${forged}`,
  `x\n${forged}`,
  `x\u2028${forged}`,
  `x\u0085${forged}`,
  '\u001b[2J\u001b[31mred',
  '\u202egnp.exe',
  '\0\b\t',
  '"}{"level":"fatal',
  '\ud800',
  'x'.repeat(100_000),
];

/** The names, tags and paths of requests that are refused, and of some that are not. */
async function sendEverything(text: string): Promise<void> {
  const inPath = encodeURIComponent(text.replace('\ud800', '\ufffd')).slice(0, 12_000);
  const json = (path: string, body: unknown) => berth.api('POST', `/api/v1${path}`, body);
  await json('/auth/login', { username: text.slice(0, 200), password: 'x' });
  await json('/repositories', { name: text, visibility: 'private' });
  await json('/groups', { name: `g${text.length}`, description: text.slice(0, 4_000) });
  await json('/tokens', { name: text });
  for (const path of [
    `/v2/${inPath}/manifests/${inPath}`,
    `/v2/team/app/manifests/${inPath}`,
    `/api/v1/users/${inPath}`,
    `/${inPath}`,
  ])
    await send(berth.url, path, { headers: { authorization: basic(berth.admin.username, berth.admin.password) } });
  await send(berth.url, `/token?service=berth&account=${inPath}&scope=repository:${inPath}:pull`);
  const agent = text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 12_000);
  await send(berth.url, '/api/v1/auth/me', { headers: { 'user-agent': agent, 'x-request-id': agent, referer: agent } });
}

test('a line stays a line', async () => {
  for (const text of hostile) await sendEverything(text);
  const connection = await RawConnection.open(berth.url);
  connection.write(`GET /v2/\u001b[31m HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\u001b[0m\r\nConnection: close\r\n\r\n`);
  await connection.ended();
  connection.close();

  const lines = berth.output().trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(hostile.length * 8);
  const records = lines.map((line) => JSON.parse(line) as { msg: string; level: string });
  expect(records.filter(({ msg, level }) => msg === 'forged' || level === 'fatal')).toEqual([]);
  expect(lines.filter((line) => Buffer.byteLength(line) > 4_096).map((line) => line.slice(0, 200))).toEqual([]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a terminal would obey
  expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/.test(line))).toEqual([]);
});

test('what the record keeps of it is short and without control characters too', async () => {
  const csv = (await berth.api('GET', '/api/v1/audit.csv')).body as string;
  const rows = csv.trimEnd().split('\n');
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter((row) => row.length > 10_000)).toEqual([]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  expect(csv).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
});
