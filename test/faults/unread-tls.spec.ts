import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { type Berth, startBerth } from '../support/berth.js';
import { writeCertificate } from '../support/certificate.js';
import { send } from '../support/http.js';
import { residentBytes } from '../support/resident.js';

const clients = 300;
const MiB = 1024 * 1024;

let directory: string;
let berth: Berth;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-unread-'));
  berth = await startBerth({ env: { ...(await writeCertificate(directory)) } });
});
afterAll(async () => {
  await berth?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('three hundred who take a long answer slowly over TLS have little of it in memory, and nobody waits for them', async () => {
  const headers = { authorization: `Bearer ${await berth.signIn(berth.admin.username, berth.admin.password)}` };
  const path = '/api/openapi.json';
  for (let time = 0; time < 30; time++) await send(berth.url, path, { headers });
  const sockets: TLSSocket[] = [];
  while (sockets.length < clients) sockets.push(await connected());
  const before = await residentBytes(berth.pid);
  for (const socket of sockets)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${headers.authorization}\r\n\r\n`);
  let most = 0;
  for (let time = 0; time < 20; time++) {
    for (const socket of sockets) socket.read(1024);
    expect((await send(berth.url, '/healthz')).status).toBe(200);
    most = Math.max(most, (await residentBytes(berth.pid)) - before);
    await delay(100);
  }
  const cut = sockets.filter(({ destroyed }) => destroyed).length;
  for (const socket of sockets) socket.destroy();
  expect([most < 64 * MiB, cut]).toEqual([true, 0]);
});

function connected(): Promise<TLSSocket> {
  const { hostname, port } = new URL(berth.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => resolve(socket));
    socket.on('error', reject).pause();
  });
}
