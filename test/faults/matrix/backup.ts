import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../../support/berth.js';
import { mustRun } from '../../support/child.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';
import { amid, Storm } from './storm.js';

/** As docs/operations.md says: the database first, then what it names. */
async function backUp(dataDir: string, to: string): Promise<void> {
  await mustRun('sqlite3', [join(dataDir, 'berth.db'), `VACUUM INTO '${join(to, 'berth.db')}'`]);
  const named = ['docker', 'keys', 'secret.key'].map((name) => join(dataDir, name));
  await mustRun('cp', ['--archive', ...named, to]);
}

export const backup: Fault = {
  id: 'F29',
  title: 'a backup in a push storm, restored elsewhere',
  tools: ['sqlite3'],
  async run(full) {
    const berth = await startBerth();
    const kept = new Acknowledged();
    const backups = full ? 10 : 2;
    try {
      await times(backups, async () => {
        const copy = await mkdtemp(join(tmpdir(), 'berth-backup-'));
        const before = await amid(new Storm(berth, kept, 3, [60_000, 2_000]), async () => {
          await pause(500 + Math.random() * 1_000);
          const acknowledged = kept.snapshot();
          await backUp(berth.dataDir, copy);
          return acknowledged;
        });
        await expectSound(copy);
        const restored = await startBerth({ dataDir: copy });
        await before.expectPullable({ ...restored, admin: berth.admin });
        await restored.stop();
        await rm(copy, { recursive: true });
      });
    } finally {
      await berth.stop();
    }
    return `${backups} backups, ${kept.count} pushes acknowledged: fsck clean, everything acknowledged before each can be pulled from it`;
  },
};
