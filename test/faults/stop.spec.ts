import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { startBerth } from '../support/berth.js';
import { randomBytesOf, sha256 } from '../support/images.js';
import { until } from '../support/ports.js';
import { RegistryClient } from '../support/registry-client.js';
import { spooledBytes } from '../support/spool.js';

test('SIGHUP without a certificate is a line in the log', async () => {
  const berth = await startBerth();
  process.kill(berth.pid, 'SIGHUP');
  await until('the log says so', async () => berth.output().includes('SIGHUP: there is no certificate to read again'));
  expect(await accepts(berth.url)).toBe(true);
  expect(await berth.stop()).toBe(0);
});

describe('SIGTERM', () => {
  it('lets an upload that is under way finish, takes no new one, and ends with 0', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'berth-stop-'));
    const berth = await startBerth({ dataDir });
    const client = await RegistryClient.open(berth.url, berth.admin);
    const blob = randomBytesOf('drain', 600_000);
    const { location } = await client.startUpload('drain/app');
    const body = new PassThrough();
    body.write(blob.subarray(0, 300_000));
    const answer = client.append('drain/app', location, body).catch((error: unknown) => ({ status: String(error) }));
    await until('the upload is under way', async () => (await spooledBytes(dataDir)) > 0);

    const ended = berth.stop();
    await until('the port is closed', async () => !(await accepts(berth.url)));
    body.end(blob.subarray(300_000));
    expect((await answer).status).toBe(202);
    expect(await ended).toBe(0);

    await berth.restart();
    expect((await client.finishUpload('drain/app', location, sha256(blob))).status).toBe(201);
    expect((await client.getBlob('drain/app', sha256(blob))).body.equals(blob)).toBe(true);
    expect(await berth.stop()).toBe(0);
    await rm(dataDir, { recursive: true });
  });

  it('does not wait for connections that are only kept open', async () => {
    const berth = await startBerth();
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      get(`${berth.url}/healthz`, { agent }, (response) => response.resume().once('end', resolve)).once(
        'error',
        reject,
      );
    });
    expect(await berth.stop()).toBe(0);
    agent.destroy();
  }, 10_000);

  it('is one Ctrl-C, although npm start passes on what the terminal already sent', async () => {
    const berth = await startBerth();
    process.kill(berth.pid, 'SIGINT');
    process.kill(berth.pid, 'SIGINT');
    expect(await berth.stop()).toBe(0);
  });
});

async function accepts(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(`${url}/healthz`, { agent: false }, (response) => {
      response.resume();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
