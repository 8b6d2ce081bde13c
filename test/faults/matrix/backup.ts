import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { startBerth } from '../../support/berth.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';
import { Storm } from './storm.js';

/** As docs/operations.md says: the database first, then what it names. */
async function backUp(dataDir: string, to: string): Promise<void> {
  const database = new Sqlite(join(dataDir, 'berth.db'), { readonly: true });
  await database.backup(join(to, 'berth.db'));
  database.close();
  for (const name of ['docker', 'keys', 'secret.key'])
    await cp(join(dataDir, name), join(to, name), { recursive: true });
}

export const backup: Fault = {
  id: 'F29',
  title: 'a backup in a push storm, restored elsewhere',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const kept = new Acknowledged();
    const storm = new Storm(berth, kept, 3, [60_000, 2_000]);
    const backups = full ? 10 : 2;
    try {
      await times(backups, async () => {
        await pause(500);
        const before = kept.snapshot();
        const copy = await mkdtemp(join(tmpdir(), 'berth-backup-'));
        await backUp(berth.dataDir, copy);
        await expectSound(copy);
        const restored = await startBerth({ dataDir: copy });
        await before.expectPullable({ ...restored, admin: berth.admin }, 60);
        await restored.stop();
        await rm(copy, { recursive: true });
      });
    } finally {
      await storm.end();
      await berth.stop();
    }
    return `${backups} backups: fsck clean, everything acknowledged before each can be pulled from it`;
  },
};
