import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { writeCertificate } from '../support/certificate.js';
import { send } from '../support/http.js';
import { residentBytes } from '../support/resident.js';

const MiB = 1024 * 1024;
const many = 2_000;
/** The beginning of a record that promises 512 bytes of a hello, and half of them. */
const halfHello = Buffer.concat([Buffer.from('160301020001000', 'hex'), Buffer.alloc(256)]);

let directory: string;
let berth: Berth;
const sockets: Socket[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-hellos-'));
  berth = await startBerth({ env: { ...(await writeCertificate(directory, 'first.test')) } });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await berth?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('thousands who begin a handshake and never go on take little memory, and keep nobody out', async () => {
  expect((await send(berth.url, '/healthz')).status).toBe(200);
  const before = await residentBytes(berth.pid);
  const { hostname, port } = new URL(berth.url);
  for (let from = 0; from < many; from += 100) {
    const some = Array.from({ length: 100 }, () => connect(Number(port), hostname));
    for (const socket of some) {
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    for (const socket of some) socket.write(halfHello);
    expect((await send(berth.url, '/healthz')).status).toBe(200);
  }
  expect((await residentBytes(berth.pid)) - before).toBeLessThan(64 * MiB); // 100 when all of them were kept
});
