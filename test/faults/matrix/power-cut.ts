import assert from 'node:assert/strict';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../../support/berth.js';
import { mustRun } from '../../support/child.js';
import { Mounts } from '../../support/mounts.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';
import { amid, Storm } from './storm.js';

/** A file of zeros that takes no room until it is written to. */
async function sparseFile(path: string, size: string): Promise<string> {
  await writeFile(path, '');
  await truncate(path, Number.parseInt(size, 10) * 1024 ** (size.endsWith('G') ? 3 : 2));
  return path;
}

/** The file on the disk that has the number of the latest cut. */
const marker = 'cut';

/** Every fourth push has a layer of three blocks. */
const small = [20_000, 2_000];
const shapes = [small, small, small, [2_600_001, 2_000]];

/**
 * Berth runs on an ext4 whose disk is a file on an xfs with reflink. Cloning that file gives the disk as it is at one instant: what
 * the file system had sent to it is there, and what was only in memory is lost, as when the power goes. Every few snapshots begin
 * with an empty disk, because looking at one takes the longer the more is on it.
 */
export const powerCut: Fault = {
  id: 'F4',
  title: 'the power is cut in a push storm',
  tools: ['mount', 'umount', 'mkfs.xfs', 'mkfs.ext4'],
  async run(full) {
    const disks = full ? 4 : 1;
    const cuts = full ? 10 : 2;
    let acknowledged = 0;
    await times(disks, async () => {
      acknowledged += await cutPower(cuts, full);
    });
    return `${disks * cuts} snapshots of a disk under load, ${acknowledged} pushes acknowledged, 0 of those before a snapshot missing from it, fsck clean`;
  },
};

/** Takes that many snapshots of a new disk, each in the middle of a push storm, and answers how many pushes were acknowledged. */
async function cutPower(cuts: number, full: boolean): Promise<number> {
  const mounts = await Mounts.create();
  const kept = new Acknowledged();
  try {
    const host = await hostFileSystem(mounts, full);
    const disk = await sparseFile(join(host, 'disk.img'), full ? '6G' : '600M');
    await mustRun('mkfs.ext4', ['-q', '-F', '-O', '^metadata_csum', disk]);
    const point = await mounts.mount('disk', disk, '-o', 'loop');
    const dataDir = join(point, 'data');
    await mkdir(dataDir);
    const berth = await startBerth({ dataDir });
    try {
      await times(cuts, async (cut) => {
        const copy = join(host, `copy-${cut}.img`);
        await writeFile(join(point, marker), `${cut}`, { flush: true });
        const before = await amid(new Storm(berth, kept, 3, ...shapes), async () => {
          await pause(500 + Math.random() * (full ? 4_000 : 1_500));
          const acknowledged = kept.snapshot();
          await mustRun('cp', ['--reflink=always', disk, copy]);
          return acknowledged;
        });
        await expectSurvived(mounts, copy, cut, berth, before).catch(async (error: unknown) => {
          const evidence = join(tmpdir(), `berth-power-cut-${Date.now()}.img`);
          await mustRun('cp', ['--sparse=always', copy, evidence]);
          throw new Error(`the disk at that instant is ${evidence}: ${error}`, { cause: error });
        });
        await rm(copy);
      });
    } finally {
      await berth.stop();
    }
    await expectSound(dataDir);
  } finally {
    await mounts.remove();
  }
  return kept.count;
}

async function hostFileSystem(mounts: Mounts, full: boolean): Promise<string> {
  const image = await sparseFile(join(mounts.directory, 'host.img'), full ? '16G' : '2G');
  await mustRun('mkfs.xfs', ['-q', '-m', 'reflink=1', image]);
  return await mounts.mount('host', image, '-o', 'loop');
}

/**
 * Checks what is on the copy of the disk as it is, starts a server on it, and pulls all that had been acknowledged. The number
 * of the cut tells that it is this copy: where a process with a mount namespace of its own keeps an earlier copy mounted,
 * mount(8) hands out that one again if both are the same file.
 */
async function expectSurvived(
  mounts: Mounts,
  copy: string,
  cut: number,
  berth: Berth,
  before: Acknowledged,
): Promise<void> {
  const point = await mounts.mount('copy', copy, '-o', 'loop');
  assert.equal(await readFile(join(point, marker), 'utf8'), `${cut}`, 'what is mounted is of an earlier cut');
  const dataDir = join(point, 'data');
  await expectSound(dataDir);
  const survivor = await startBerth({ dataDir });
  try {
    await before.expectPullable({ ...survivor, admin: berth.admin });
  } finally {
    assert.equal(await survivor.stop(), 0);
  }
  await expectSound(dataDir);
  await mounts.unmount(point);
}
