import assert from 'node:assert/strict';
import { open, truncate } from 'node:fs/promises';
import { startBerth } from '../../support/berth.js';
import { fsckOf } from '../../support/fsck.js';
import { type Content, MiB } from '../../support/images.js';
import { until } from '../../support/ports.js';
import { RegistryClient } from '../../support/registry-client.js';
import { blobFile } from '../../support/stored-files.js';
import type { Fault } from './fault.js';
import { blobOf } from './pushing.js';

const repository = 'rot/app';

/** Changes one bit of a file. */
export async function flip(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 500);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await handle.write(byte, 0, 1, 500);
  await handle.close();
}

const damages = [flip, (file: string) => truncate(file, 0), (file: string) => truncate(file, 100_000)];

export const bitRot: Fault = {
  id: 'F11',
  title: 'bit rot, found by the scrubber while it serves',
  tools: [],
  async run(full) {
    const berth = await startBerth({ env: { BERTH_SCRUB_INTERVAL: '2s' } });
    const client = await RegistryClient.open(berth.url, berth.admin);
    const sound = Array.from({ length: full ? 100 : 10 }, (_, index) => blobOf(`sound ${index}`, 200_000));
    const damaged = Array.from({ length: 10 }, (_, index) => blobOf(`damaged ${index}`, index < 9 ? 200_000 : 3 * MiB));
    for (const blob of [...sound, ...damaged]) await client.pushBlob(repository, blob);
    for (const [index, { digest }] of damaged.entries()) await damages[index % 3]?.(blobFile(berth.dataDir, digest));

    const namesOf = (digests: readonly (string | undefined)[]) => [...new Set(digests)].sort().join('\n');
    const found = () =>
      [...berth.output().matchAll(/"digest":"(sha256:[0-9a-f]{64})".*damaged blob set aside/g)].map(
        ([, digest]) => digest,
      );
    const expected = namesOf(damaged.map(({ digest }) => digest));
    await until('all damage is found', async () => new Set(found()).size >= damaged.length);
    assert.equal(namesOf(found()), expected);
    assert.equal(namesOf((await fsckOf(berth.dataDir)).findings.map(({ name }) => name)), expected);
    for (const blob of damaged) {
      assert.equal((await client.getBlob(repository, blob.digest)).status, 500);
      assert.equal(await client.hasBlob(repository, blob.digest), false);
      await client.pushBlob(repository, blob);
    }
    for (const blob of [...sound, ...damaged]) await expectWhole(client, blob);
    assert.equal((await fsckOf(berth.dataDir)).findings.length, 0);
    await berth.stop();
    return `${damaged.length} of ${damaged.length} found, 0 of ${sound.length} sound ones; none served; pushed again, all are whole`;
  },
};

async function expectWhole(client: RegistryClient, { digest, bytes }: Content): Promise<void> {
  assert.ok((await client.getBlob(repository, digest)).body.equals(bytes));
}
