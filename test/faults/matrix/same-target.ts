import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startBerth } from '../../support/berth.js';
import { buildImage, MiB } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { blobFile, spoolNames } from '../../support/stored-files.js';
import { expectSound } from './acknowledged.js';
import type { Fault } from './fault.js';
import { blobOf, put } from './pushing.js';

const repository = 'same/app';

export const sameBlob: Fault = {
  id: 'F13',
  title: 'many push one blob at once',
  tools: [],
  async run() {
    const berth = await startBerth();
    const client = await RegistryClient.open(berth.url, berth.admin);
    const writers = 20;
    const blob = blobOf('same', 10 * MiB);
    const answers = await Promise.all(Array.from({ length: writers }, () => put(client, repository, blob)));
    assert.deepEqual(answers, Array(writers).fill(201));
    const file = blobFile(berth.dataDir, blob.digest);
    assert.equal((await readdir(dirname(file))).join(), 'data');
    assert.equal((await stat(file)).size, blob.bytes.length);
    assert.equal((await spoolNames(berth.dataDir)).length, 0);
    assert.ok((await client.getBlob(repository, blob.digest)).body.equals(blob.bytes));
    await expectSound(berth.dataDir);
    await berth.stop();
    return `${writers} × 201, one file, nothing left beside it`;
  },
};

export const sameTag: Fault = {
  id: 'F14',
  title: 'many move one tag at once',
  tools: [],
  async run() {
    const berth = await startBerth();
    const client = await RegistryClient.open(berth.url, berth.admin);
    const images = ['one', 'other'].map((seed) => buildImage({ seed, layers: [1_000] }));
    for (const image of images) await client.push(repository, image.manifest.digest, image);
    const writers = 50;
    const answers = await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const image = images[writer % 2];
        return image && (await client.putManifest(repository, 'moving', image.manifest)).status;
      }),
    );
    assert.deepEqual(answers, Array(writers).fill(201));
    const digest = await client.pull(repository, 'moving');
    assert.ok(images.some(({ manifest }) => manifest.digest === digest));
    const events = await berth.api('GET', `/api/v1/audit?action=push&resource=repository:${repository}&limit=100`);
    const moves = events.body.items.filter(({ reference }: { reference: string }) => reference === 'moving');
    assert.equal(moves.length, writers);
    await expectSound(berth.dataDir);
    await berth.stop();
    return `${writers} × 201, the tag is one of the two, ${moves.length} events in the audit`;
  },
};
