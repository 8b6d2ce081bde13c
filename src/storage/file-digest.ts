import type { BlockPool } from './block-pool.js';
import { diskFailure } from './disk-failure.js';
import type { RunningHash } from './running-hash.js';
import type { SyncedFile } from './synced-file.js';

/** The hexadecimal digest of everything in the file, block by block; closes it and drops `hash`. Throws STORAGE_…. */
export async function digestHexOfFile(file: SyncedFile, hash: RunningHash, blocks: BlockPool): Promise<string> {
  const block = await blocks.take();
  try {
    for (let position = 0; ; ) {
      const bytes = await file.read(block, position);
      if (bytes === 0) return await hash.hex();
      await hash.update([block.subarray(0, bytes)]);
      position += bytes;
    }
  } catch (error) {
    throw diskFailure(error);
  } finally {
    blocks.give(block);
    hash.drop();
    await file.close();
  }
}
