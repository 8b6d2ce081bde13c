import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The file in the data directory on which a running Berth takes the orders of the `berth` command. */
export const socketName = 'berth.sock';

/** Bytes of `sun_path` that a path may fill everywhere: Linux has 108 with the final zero, the BSDs 104. */
const longest = 103;

/**
 * Calls `use` with a name of the socket file that the system takes. A path that is too long for a socket address is
 * reached through a link in a directory of its own, which is gone when `use` is done.
 */
export async function withSocketPath<T>(path: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= longest) return use(path);
  const directory = await mkdtemp(join(tmpdir(), 'berth-'));
  try {
    await symlink(dirname(path), join(directory, 'd'));
    return await use(join(directory, 'd', basename(path)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
