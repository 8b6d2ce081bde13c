import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** How many bytes of unfinished uploads lie in a data directory: what a session does not tell while its connection lives. */
export async function spooledBytes(dataDir: string): Promise<number> {
  const directory = join(dataDir, 'uploads');
  const names = await readdir(directory).catch(() => []); // it appears with the first upload
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
