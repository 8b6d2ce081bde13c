import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { type Berth, startBerth } from '../../support/berth.js';
import { buildImage, KiB, sha256 } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { expectSound } from './acknowledged.js';
import { type Fault, pause } from './fault.js';

const repository = 'slow/app';

/** A connection that sends one byte of its head a second; resolves with what it was answered when it is cut. */
function slowHead(berth: Berth): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(berth.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.write('GET /v2/ HTTP/1.1\r\nX-Slow: ');
    const timer = setInterval(() => socket.write('a'), 1_000);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}

/** An upload of 1 KiB a second for that long; the answers of PATCH and PUT. */
async function slowUpload(client: RegistryClient, seconds: number): Promise<number[]> {
  const { location } = await client.startUpload(repository);
  const body = new PassThrough();
  const patch = client.append(repository, location, body);
  const part = Buffer.alloc(KiB, 's');
  for (let second = 0; second < seconds; second++) {
    body.write(part);
    await pause(1_000);
  }
  body.end();
  const { status, location: next } = await patch;
  const digest = sha256(Buffer.alloc(seconds * KiB, 's'));
  return [status, (await client.finishUpload(repository, next, digest)).status];
}

export const slowClients: Fault = {
  id: 'F20',
  title: 'slow heads and slow bodies',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const client = await RegistryClient.open(berth.url, berth.admin);
    const image = buildImage({ seed: 'slow', layers: [1_000] });
    await client.push(repository, 'v1', image);
    const seconds = full ? 310 : 16;
    const uploads = Promise.all(Array.from({ length: full ? 99 : 20 }, () => slowUpload(client, seconds)));
    const heads = Array.from({ length: full ? 200 : 50 }, () => slowHead(berth));
    let waiting = true;
    const latencies: number[] = [];
    const asking = (async () => {
      while (waiting) {
        const started = performance.now();
        assert.equal((await client.getManifest(repository, 'v1')).status, 200);
        latencies.push(performance.now() - started);
        await pause(10);
      }
    })();
    const answers = await Promise.all(heads);
    waiting = false;
    await asking;
    assert.deepEqual([...new Set(answers.map((answer) => answer.slice(0, 12)))], ['HTTP/1.1 408']);
    for (const statuses of await uploads) assert.deepEqual(statuses, [202, 201]);
    latencies.sort((one, other) => one - other);
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
    await expectSound(berth.dataDir);
    await berth.stop();
    return `${answers.length} slow heads got 408, manifest GET p99 ${p99.toFixed(1)} ms meanwhile, ${(await uploads).length} uploads of ${seconds} s finished`;
  },
};
