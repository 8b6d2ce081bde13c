import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a file of zeros where a blob of this digest would be, which it does not have. It takes no room on the disk, however long it is. */
export async function plantBlob(dataDir: string, hex: string, bytes: number): Promise<void> {
  const folder = join(dataDir, 'docker', 'registry', 'v2', 'blobs', 'sha256', hex.slice(0, 2), hex);
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, 'data'), 'w');
  await file.truncate(bytes);
  await file.close();
}
