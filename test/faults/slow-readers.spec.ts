import { once } from 'node:events';
import { connect } from 'node:net';
import { type Berth, startBerth } from '../support/berth.js';
import { content, randomBytesOf } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const repository = 'slow/app';
/** Enough for a client that a busy machine lets wait. */
const timeoutMs = 3_000;
/** What a slow client takes ten times a second: less in {@link timeoutMs} than what the system takes from the server at a time. */
const morsel = 16 * 1024;
const slowMs = 3 * timeoutMs;

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_WRITE_TIMEOUT: `${timeoutMs}ms` } });
});
afterAll(() => berth?.stop());

test('who takes a layer slowly and steadily gets all of it, though the system takes nothing more from the server for longer than the timeout', async () => {
  // More than what fits into the buffers of both sides.
  const blob = content('application/octet-stream', randomBytesOf('slow download', 32_000_000));
  const client = await RegistryClient.open(berth.url, berth.admin);
  await client.pushBlob(repository, blob);
  const token = await client.token(`repository:${repository}:pull`);
  const socket = connect(Number(new URL(berth.url).port), '127.0.0.1');
  socket.write(
    `GET /v2/${repository}/blobs/${blob.digest} HTTP/1.1\r\nHost: ${berth.host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
  );
  let received = 0;
  await once(socket, 'readable');
  await new Promise<void>((resolve) => {
    const started = performance.now();
    const pace = setInterval(() => {
      received += (socket.read(Math.min(morsel, socket.readableLength)) as Buffer | null)?.length ?? 0;
      if (performance.now() - started < slowMs) return;
      clearInterval(pace);
      resolve();
    }, 100);
  });
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await once(socket, 'close');
  expect(received).toBeGreaterThan(blob.bytes.length);
  expect(berth.output()).not.toContain('took no byte');
});
