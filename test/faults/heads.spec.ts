import { type Berth, startBerth } from '../support/berth.js';
import { RawConnection } from '../support/raw-connection.js';

let berth: Berth;
let connection: RawConnection;
beforeAll(async () => {
  berth = await startBerth();
});
beforeEach(async () => {
  connection = await RawConnection.open(berth.url);
});
afterEach(() => connection.close());
afterAll(() => berth.stop());

const request = (headers: readonly string[]) =>
  `GET /healthz HTTP/1.1\r\n${['Host: a', ...headers].join('\r\n')}\r\n\r\n`;
const many = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: ${i}`);

test('a request has two hundred headers at most', async () => {
  connection.write(request(many(199)));
  expect((await connection.answer())?.status).toBe(200);
  connection.write(request(many(200)));
  const refused = await connection.answer();
  expect([refused?.status, refused?.headers.get('connection')]).toEqual([400, ['close']]);
  expect(refused?.body).toContain('200 headers');
});

test.each([
  ['sixteen with the head of a client and a token', [...many(10), `Authorization: Bearer ${'x'.repeat(1500)}`], [16]],
  ['of sixteen with the largest head those that have room', [`x: ${'y'.repeat(15_000)}`], [5, 6, 7, 8, 9, 10]],
])('sent at once, %s are answered', async (_, headers, answered) => {
  connection.write(request(headers).repeat(16));
  let count = 0;
  while (count < 16 && (await connection.answer()) !== undefined) count++;
  expect(answered).toContain(count);
  expect((await fetch(`${berth.url}/healthz`)).status).toBe(200);
});
