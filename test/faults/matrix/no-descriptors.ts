import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { startBerth } from '../../support/berth.js';
import { mustRun } from '../../support/child.js';
import { send } from '../../support/http.js';
import { KiB } from '../../support/images.js';
import { until } from '../../support/ports.js';
import { RegistryClient } from '../../support/registry-client.js';
import { expectSound } from './acknowledged.js';
import type { Fault } from './fault.js';
import { blobOf, put } from './pushing.js';

const repository = 'descriptors/app';
const limit = 256;
const connections = 300;

export const noDescriptors: Fault = {
  id: 'F9',
  title: 'the process has no file descriptors left',
  tools: ['prlimit'],
  async run() {
    const berth = await startBerth();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const client = await RegistryClient.open(berth.url, berth.admin, agent);
    const kept = blobOf('kept', 200 * KiB);
    assert.equal(await put(client, repository, kept), 201);
    await mustRun('prlimit', ['--pid', String(berth.pid), `--nofile=${limit}:${limit}`]);
    const { hostname, port } = new URL(berth.url);
    const idle = Array.from({ length: connections }, () =>
      connect(Number(port), hostname).on('error', () => undefined),
    );
    await Promise.all(
      idle.map((socket: Socket) => new Promise((done) => socket.once('connect', done).once('close', done))),
    );
    // Until it is known that there are few, a push may find none; then the silent ones go.
    let refused = 0;
    await until('pushes work beside them', async () => {
      const status = await put(client, repository, blobOf(`beside ${refused}`, 200 * KiB)).catch(() => 0);
      if (status !== 201) refused++;
      return status === 201;
    });
    const health = (await send(berth.url, '/healthz')).status;
    for (const socket of idle) socket.destroy();
    const released = performance.now();
    const fresh = await RegistryClient.open(berth.url, berth.admin).catch(() => undefined);
    const recovered = fresh ?? (await reopened(berth.url, berth.admin));
    await until(
      'pushes work',
      async () => (await put(recovered, repository, blobOf('after', 200 * KiB))) === 201,
      5_000,
    );
    const milliseconds = performance.now() - released;
    assert.ok((await recovered.getBlob(repository, kept.digest)).body.equals(kept.bytes));
    await expectSound(berth.dataDir);
    agent.destroy();
    await berth.stop();
    assert.equal(health, 200);
    return `${limit} descriptors, ${connections} silent connections: pushes work beside them after ${refused} refused, and ${Math.round(milliseconds)} ms after they are gone`;
  },
};

async function reopened(url: string, admin: { username: string; password: string }): Promise<RegistryClient> {
  let client: RegistryClient | undefined;
  await until('it answers', async () => {
    client = await RegistryClient.open(url, admin);
    return true;
  });
  if (client === undefined) throw new Error('no client');
  return client;
}
