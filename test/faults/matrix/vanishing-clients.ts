import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { type Berth, startBerth } from '../../support/berth.js';
import { MiB } from '../../support/images.js';
import { until } from '../../support/ports.js';
import { RegistryClient } from '../../support/registry-client.js';
import { spooledBytes } from '../../support/spool.js';
import { expectSound } from './acknowledged.js';
import { type Fault, times } from './fault.js';
import { blobOf, put } from './pushing.js';

const repository = 'vanish/app';
/** Descriptors that come and go by themselves. */
const slack = 5;

function openFiles(berth: Berth): Promise<number> {
  return readdir(`/proc/${berth.pid}/fd`).then((names) => names.length);
}

/** Opens a connection and sends text on it. */
async function say(berth: Berth, text: string): Promise<Socket> {
  const { hostname, port } = new URL(berth.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await new Promise((done) => socket.once('connect', done));
  socket.write(text);
  return socket;
}

export const vanishingClients: Fault = {
  id: 'F19',
  title: 'clients reset their connections in the middle',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const client = await RegistryClient.open(berth.url, berth.admin);
    const blob = blobOf('vanish', 20 * MiB);
    assert.equal(await put(client, repository, blob), 201);
    const head = (method: string, path: string, token = '') =>
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
    const pull = await client.token(`repository:${repository}:pull`);
    const push = await client.token(`repository:${repository}:pull,push`);
    await client.getBlob(repository, blob.digest);
    const before = await openFiles(berth);
    const clients = full ? 100 : 20;
    await times(clients, async () => {
      const reader = await say(berth, `${head('GET', `/v2/${repository}/blobs/${blob.digest}`, pull)}\r\n`);
      await new Promise((done) => reader.once('data', done));
      reader.resetAndDestroy();
      const spooled = await spooledBytes(berth.dataDir);
      const { location } = await client.startUpload(repository);
      const chunk = `${head('PATCH', location, push)}Transfer-Encoding: chunked\r\n\r\n`;
      const writer = await say(berth, `${chunk}20000\r\n${'x'.repeat(0x20000)}\r\n`);
      await until('bytes arrive', async () => (await spooledBytes(berth.dataDir)) > spooled);
      writer.resetAndDestroy();
      assert.notEqual((await client.uploadStatus(repository, location)).status, 500);
      await client.request(repository, location.slice(`/v2/${repository}/`.length), { method: 'DELETE' });
    });
    await until('descriptors are free', async () => (await openFiles(berth)) <= before + slack, 10_000);
    const after = await openFiles(berth);
    await expectSound(berth.dataDir);
    await berth.stop();
    return `${clients} resets in a GET and ${clients} in a PATCH: ${before} descriptors before, ${after} after`;
  },
};
