import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../support/berth.js';
import { fsckOf } from '../support/fsck.js';

test('a pipe in the place of a file of the database is damage, and nobody waits for it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-pipes-'));
  try {
    await (await startBerth({ dataDir })).stop();
    for (const name of ['berth.db-wal', 'berth.db-shm', 'berth.db']) {
      const file = join(dataDir, name);
      await rm(file, { force: true });
      execFileSync('mkfifo', [file]);
      const { code, findings } = await fsckOf(dataDir);
      expect(code).not.toBe(0);
      expect(findings).toMatchObject([{ severity: 'damage', kind: 'database', name: file }]);
      if (name !== 'berth.db') await rm(file);
    }
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
