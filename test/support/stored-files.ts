import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The file of a blob in a data directory. */
export function blobFile(dataDir: string, digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return join(dataDir, 'docker', 'registry', 'v2', 'blobs', algorithm, hex.slice(0, 2), hex, 'data');
}

/** Names in the directory of unfinished uploads. */
export async function spoolNames(dataDir: string): Promise<string[]> {
  return await readdir(join(dataDir, 'uploads')).catch(() => []); // it appears with the first upload
}
