import assert from 'node:assert/strict';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { residentMegabytes } from '../../../bench/support/memory.js';
import { startBerth } from '../../support/berth.js';
import { type Content, KiB, MiB } from '../../support/images.js';
import { Mounts } from '../../support/mounts.js';
import { until } from '../../support/ports.js';
import { RegistryClient } from '../../support/registry-client.js';
import { spoolNames } from '../../support/stored-files.js';
import { expectSound } from './acknowledged.js';
import { type Fault, times } from './fault.js';
import { blobOf, put } from './pushing.js';

const repository = 'full/app';

async function expectPulls(client: RegistryClient, blobs: readonly Content[]): Promise<void> {
  for (const { digest, bytes } of blobs) assert.ok((await client.getBlob(repository, digest)).body.equals(bytes));
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

export const fullDisk: Fault = {
  id: 'F7',
  title: 'the disk is full',
  tools: ['mount', 'umount'],
  async run(full) {
    const mounts = await Mounts.create();
    const base = await mounts.tmpfs('disk', 'size=64m,nr_inodes=2000');
    const dataDir = join(base, 'data');
    await mkdir(dataDir);
    const berth = await startBerth({ dataDir });
    const kept: Content[] = [];
    let refused = 0;
    let grown = 0;
    try {
      const client = await RegistryClient.open(berth.url, berth.admin);
      const before = (await residentMegabytes(berth.pid)).now;
      await times(full ? 20 : 8, async (push) => {
        const blob = blobOf(`full ${push}`, 10 * MiB);
        const free = await freeBytes(base);
        const status = await put(client, repository, blob);
        if (status === 201) kept.push(blob);
        else {
          assert.equal(status, 507);
          refused++;
          await until('the refused bytes are gone', async () => (await spoolNames(dataDir)).length === 0);
          // The log of the database may have grown by its pages.
          assert.ok(Math.abs((await freeBytes(base)) - free) <= 256 * KiB);
          assert.equal(await client.hasBlob(repository, blob.digest), false);
        }
        await expectPulls(client, kept.slice(-2));
      });
      grown = (await residentMegabytes(berth.pid)).now - before;
      assert.ok(refused > 0 && kept.length > 0);
      assert.ok(grown < 128, `the process grew by ${grown} MB`);
      await expectPulls(client, kept);
      assert.equal(await put(client, repository, blobOf('small', 100 * KiB)), 201);
      await expectSound(dataDir);
    } finally {
      await berth.stop();
      await mounts.remove();
    }
    return `${kept.length} pushes of 10 MiB, then ${refused} × 507 and their space back; pulls 100 %; RSS +${Math.round(grown)} MB`;
  },
};

export const noInodes: Fault = {
  id: 'F9',
  title: 'the file system has no inodes left',
  tools: ['mount', 'umount'],
  async run() {
    const mounts = await Mounts.create();
    const base = await mounts.tmpfs('disk', 'size=64m,nr_inodes=200');
    const dataDir = join(base, 'data');
    const fillers = join(base, 'fillers');
    await mkdir(dataDir);
    await mkdir(fillers);
    const berth = await startBerth({ dataDir });
    let recovered = 0;
    const refusals: number[] = [];
    try {
      const client = await RegistryClient.open(berth.url, berth.admin);
      const kept = blobOf('kept', 200 * KiB);
      assert.equal(await put(client, repository, kept), 201);
      for (let number = 0, free = true; free; number++) {
        free = await writeFile(join(fillers, String(number)), '').then(
          () => true,
          () => false,
        );
      }
      for (const size of [5 * KiB, 200 * KiB]) {
        const status = await put(client, repository, blobOf(`no inode ${size}`, size));
        assert.ok(status === 507 || status === 503, `answered ${status}`);
        refusals.push(status);
      }
      await expectPulls(client, [kept]);
      await rm(fillers, { recursive: true });
      const released = performance.now();
      await until(
        'pushes work',
        async () => (await put(client, repository, blobOf('after', 200 * KiB))) === 201,
        5_000,
      );
      recovered = performance.now() - released;
      await expectSound(dataDir);
    } finally {
      await berth.stop();
      await mounts.remove();
    }
    return `pushes ${refusals.join(', ')}, pulls went on, pushes again ${Math.round(recovered)} ms after inodes were free`;
  },
};
