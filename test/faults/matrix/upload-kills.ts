import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { startBerth } from '../../support/berth.js';
import { KiB, randomBytesOf, sha256 } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';

const repository = 'kill/upload';

/** A body that goes out slowly, `step` bytes at a time, until `stop`. */
function slowly(bytes: Buffer, step: number): { readonly body: PassThrough; stop(): void } {
  const body = new PassThrough();
  let sent = 0;
  const timer = setInterval(() => {
    body.write(bytes.subarray(sent, sent + step));
    sent += step;
    if (sent >= bytes.length) stop();
  }, 30);
  const stop = () => {
    clearInterval(timer);
    body.end();
  };
  return { body, stop };
}

/** Bytes the registry says it has. */
function received(range: string | undefined): number {
  return range === '0-0' || range === undefined ? 0 : Number(range.split('-')[1]) + 1;
}

export const uploadKills: Fault = {
  id: 'F1',
  title: 'kill -9 in the middle of an upload',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const runs = full ? 50 : 4;
    let resumed = 0;
    await times(runs, async (run) => {
      const client = await RegistryClient.open(berth.url, berth.admin);
      // What comes fast fills whole blocks; what comes slowly goes on before they are full.
      const speed = run % 4 < 2 ? 8 : 1;
      const blob = randomBytesOf(`kill ${run}`, 3_000_001 * speed);
      const digest = sha256(blob);
      let { location } = await client.startUpload(repository);
      // Every second upload has an acknowledged part before the kill.
      const acknowledged = run % 2 === 0 ? 500_000 * speed : 0;
      if (acknowledged > 0) {
        const first = await client.append(repository, location, blob.subarray(0, acknowledged));
        assert.equal(first.status, 202);
        location = first.location;
      }
      const { body, stop } = slowly(blob.subarray(acknowledged), 64 * KiB * speed);
      const second = client.append(repository, location, body).catch(() => undefined);
      await pause(Math.random() * (full ? 1_300 : 500));
      await berth.kill();
      stop();
      await second;
      await berth.restart();

      assert.equal(await client.hasBlob(repository, digest), false);
      const status = await client.uploadStatus(repository, location);
      if (status.status === 404 && acknowledged === 0) {
        await client.pushBlob(repository, { mediaType: '', bytes: blob, digest });
      } else {
        assert.equal(status.status, 204);
        const offset = received(status.headers.range);
        assert.ok(offset >= acknowledged, `${acknowledged} bytes were acknowledged and ${offset} are there`);
        resumed++;
        if (offset < blob.length) {
          const headers = { 'content-range': `${offset}-${blob.length - 1}` };
          const rest = await client.append(repository, location, blob.subarray(offset), { headers });
          assert.equal(rest.status, 202, rest.body.toString());
          location = rest.location;
        }
        assert.equal((await client.finishUpload(repository, location, digest)).status, 201);
      }
      assert.ok((await client.getBlob(repository, digest)).body.equals(blob));
    });
    await expectSound(berth.dataDir);
    await berth.stop();
    return `${runs} kills: ${resumed} resumed where the registry said, ${runs - resumed} began anew (404), 0 corrupt`;
  },
};
