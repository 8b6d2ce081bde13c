import assert from 'node:assert/strict';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Berth, startBerth } from '../../support/berth.js';
import { mustRun } from '../../support/child.js';
import { Mounts } from '../../support/mounts.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';
import { Storm } from './storm.js';

/** A file of zeros that takes no room until it is written to. */
async function sparseFile(path: string, size: string): Promise<string> {
  await writeFile(path, '');
  await truncate(path, Number.parseInt(size, 10) * 1024 ** (size.endsWith('G') ? 3 : 2));
  return path;
}

/**
 * Berth runs on an ext4 whose disk is a file on an xfs with reflink. Cloning that file gives the disk as it is at one instant: what
 * the file system had sent to it is there, and what was only in memory is lost, as when the power goes.
 */
export const powerCut: Fault = {
  id: 'F4',
  title: 'the power is cut in a push storm',
  tools: ['mount', 'umount', 'mkfs.xfs', 'mkfs.ext4'],
  async run(full) {
    const mounts = await Mounts.create();
    const kept = new Acknowledged();
    const cuts = full ? 40 : 2;
    try {
      const host = await hostFileSystem(mounts, full);
      const disk = await sparseFile(join(host, 'disk.img'), full ? '10G' : '300M');
      await mustRun('mkfs.ext4', ['-q', '-F', '-O', '^metadata_csum', disk]);
      const dataDir = join(await mounts.mount('disk', disk, '-o', 'loop'), 'data');
      await mkdir(dataDir);
      const berth = await startBerth({ dataDir });
      const storm = new Storm(berth, kept, 3, [20_000, 2_000]);
      try {
        await times(cuts, async () => {
          await pause(500 + Math.random() * 1_500);
          const before = kept.snapshot();
          const copy = join(host, 'copy.img');
          await mustRun('cp', ['--reflink=always', disk, copy]);
          await expectSurvived(mounts, copy, berth, before);
        });
      } finally {
        await storm.end();
        await berth.stop();
      }
      assert.deepEqual(storm.faults, []);
      await expectSound(dataDir);
    } finally {
      await mounts.remove();
    }
    return `${cuts} snapshots of a disk under load, ${kept.count} pushes acknowledged, 0 of those before a snapshot missing from it, fsck clean`;
  },
};

async function hostFileSystem(mounts: Mounts, full: boolean): Promise<string> {
  const image = await sparseFile(join(mounts.directory, 'host.img'), full ? '16G' : '1G');
  await mustRun('mkfs.xfs', ['-q', '-m', 'reflink=1', image]);
  return await mounts.mount('host', image, '-o', 'loop');
}

/** Checks what is on the copy of the disk as it is, starts a server on it, and pulls what had been acknowledged. */
async function expectSurvived(mounts: Mounts, copy: string, berth: Berth, before: Acknowledged): Promise<void> {
  const point = await mounts.mount('copy', copy, '-o', 'loop');
  const dataDir = join(point, 'data');
  await expectSound(dataDir);
  const survivor = await startBerth({ dataDir });
  try {
    await before.expectPullable({ ...survivor, admin: berth.admin }, 60);
  } finally {
    assert.equal(await survivor.stop(), 0);
  }
  await expectSound(dataDir);
  await mounts.unmount(point);
}
