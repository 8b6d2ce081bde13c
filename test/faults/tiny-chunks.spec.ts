import { type Berth, startBerth } from '../support/berth.js';
import { sha256 } from '../support/images.js';
import { addUser } from '../support/people.js';
import { RawConnection } from '../support/raw-connection.js';
import { residentBytes } from '../support/resident.js';

const MiB = 1024 * 1024;

let berth: Berth;
let token: string;
const connections: RawConnection[] = [];
beforeEach(async () => {
  berth = await startBerth();
  const eve = await addUser(berth, 'eve', { 'eve/*': ['pull', 'push'] });
  token = await berth.token('eve', eve.password, 'repository:eve/app:pull,push');
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await berth.stop();
});

const upload = () =>
  `POST /v2/eve/app/blobs/uploads/?digest=sha256:${'0'.repeat(64)} HTTP/1.1\r\nAuthorization: Bearer ${token}`;

const bodies = [
  ['a form', 40, 60_000, () => 'POST /token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded'],
  ['JSON', 10, 250_000, () => 'POST /api/v1/auth/login HTTP/1.1\r\nContent-Type: application/json'],
  ['a page', 40, 60_000, () => 'POST /sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded'],
  ['a small upload', 40, 60_000, () => upload()],
  ['an upload', 40, 120_000, () => upload()],
  ['a manifest', 2, 1_200_000, () => `PUT /v2/eve/app/manifests/a HTTP/1.1\r\nAuthorization: Bearer ${token}`],
] as const;

test.each(bodies)('unfinished bodies of one byte a chunk take little memory: %s', async (_, count, bytes, head) => {
  const before = await residentBytes(berth.pid);
  const chunks = Buffer.from('1\r\n \r\n'.repeat(bytes));
  for (let at = 0; at < count; at++) {
    const connection = await RawConnection.open(berth.url);
    connections.push(connection);
    connection.write(`${head()}\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await connection.send(chunks);
  }
  // All of it has been read when somebody who comes after it is answered.
  expect((await berth.api('GET', '/api/v1/users')).status).toBe(200);
  expect((await residentBytes(berth.pid)) - before).toBeLessThan(128 * MiB); // as objects they took 400 and more
});

test('a flood of tiny chunks is cut off, and holds up nobody', async () => {
  const answers: (number | undefined)[] = [];
  for (let at = 0; at < 10; at++) {
    const connection = await RawConnection.open(berth.url);
    connections.push(connection);
    connection.write(`${upload()}\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await connection.send(Buffer.from('1\r\n \r\n'.repeat(100_000)));
    answers.push((await connection.answer())?.status);
  }
  expect(answers).toEqual(Array(10).fill(400));
});

test('chunks as small as that which come now and then are taken', async () => {
  const connection = await RawConnection.open(berth.url);
  connections.push(connection);
  const bytes = Buffer.alloc(900, 'x');
  connection.write(
    `POST /v2/eve/app/blobs/uploads/?digest=${sha256(bytes)} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nHost: a\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(900)}0\r\n\r\n`,
  );
  expect((await connection.answer())?.status).toBe(201);
});
