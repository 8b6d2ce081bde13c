import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Mounts } from '../../support/mounts.js';
import { refusedStart } from '../../support/refusal.js';
import type { Fault } from './fault.js';

export const twoFileSystems: Fault = {
  id: 'F10',
  title: 'uploads and blobs are on different file systems',
  tools: ['mount', 'umount'],
  async run() {
    const mounts = await Mounts.create();
    try {
      const dataDir = join(mounts.directory, 'data');
      await mkdir(dataDir);
      // A bind mount has the same device number, and a rename out of it fails all the same.
      await mkdir(join(mounts.directory, 'elsewhere'));
      const bind = await mounts.mount('data/uploads', join(mounts.directory, 'elsewhere'), '--bind');
      const bound = await refusedStart({ BERTH_DATA_DIR: dataDir });
      await mounts.unmount(bind);
      await mounts.tmpfs('data/docker', 'size=8m,mode=700');
      const other = await refusedStart({ BERTH_DATA_DIR: dataDir });
      for (const { code, said } of [bound, other]) {
        assert.ok(code > 0);
        assert.match(said, /^The data directory .* one file system.*$/);
      }
      return 'the start is refused in one sentence, for another file system and for a bind mount of the same';
    } finally {
      await mounts.remove();
    }
  },
};
