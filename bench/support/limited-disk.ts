import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { mustRun } from '../../test/support/child.js';
import { findTool } from '../../test/support/tools.js';

/** Where version 1 of the block controller is; what it says of a device here holds for every process of the root group, and for the kernel's own writing. */
const controller = '/sys/fs/cgroup/blkio';
const directions = ['read', 'write'] as const;

/** A file system that reads and writes so many bytes a second, whoever asks, and apart from that is as fast as the disk of `tmpdir()`. */
export interface LimitedDisk {
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * An ext4 on a loop device, which reads and writes its file without a second copy in the page cache, and is throttled as a
 * device: what a program writes into the page cache is limited too, because the kernel's write-back is. Throws with what
 * this machine lacks.
 */
export async function limitDisk(size: number, bytesPerSecond: number): Promise<LimitedDisk> {
  await requireMeans();
  const home = await mkdtemp(join(tmpdir(), 'berth-limited-disk-'));
  const [image, directory] = [join(home, 'image'), join(home, 'mounted')];
  const undo: (() => Promise<unknown>)[] = [() => rm(home, { recursive: true })];
  const remove = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await mkdir(directory);
    await writeFile(image, '');
    await truncate(image, size);
    await mustRun('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
    const { stdout } = await mustRun('losetup', ['--find', '--show', '--direct-io=on', image]);
    const device = stdout.trim();
    undo.push(() => mustRun('losetup', ['--detach', device]));
    const number = (await readFile(`/sys/class/block/${basename(device)}/dev`, 'utf8')).trim();
    undo.push(() => limit(number, 0));
    await limit(number, bytesPerSecond);
    await mustRun('mount', [device, directory]);
    undo.push(() => mustRun('umount', [directory]));
    return { directory, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function requireMeans(): Promise<void> {
  const tools = ['mkfs.ext4', 'losetup', 'mount'].filter((tool) => findTool(tool) === undefined);
  const group = await readFile('/proc/self/cgroup', 'utf8');
  const lacking = [
    ...tools,
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...(/^\d+:blkio:\/$/m.test(group) ? [] : [`a process in the root group of ${controller}`]),
  ];
  if (lacking.length > 0) throw new Error(`a disk cannot be limited here without ${lacking.join(', ')}`);
}

/** @param device major:minor @param bytesPerSecond 0 for none */
async function limit(device: string, bytesPerSecond: number): Promise<void> {
  for (const direction of directions) {
    await writeFile(join(controller, `blkio.throttle.${direction}_bps_device`), `${device} ${bytesPerSecond}`);
  }
}
