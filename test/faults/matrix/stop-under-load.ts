import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../../support/berth.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';
import { Storm } from './storm.js';

export const stopUnderLoad: Fault = {
  id: 'F25',
  title: 'SIGTERM while ten push',
  tools: [],
  async run(full) {
    const dataDir = await mkdtemp(join(tmpdir(), 'berth-stop-'));
    const berth = await startBerth({ dataDir });
    const kept = new Acknowledged();
    const rounds = full ? 10 : 2;
    let slowest = 0;
    await times(rounds, async () => {
      const storm = new Storm(berth, kept, 10, [1_500_000, 3_000]);
      try {
        await storm.nextAcknowledged();
        await pause(500 + Math.random() * 500);
        const asked = performance.now();
        assert.equal(await berth.stop(), 0);
        slowest = Math.max(slowest, performance.now() - asked);
      } finally {
        await storm.end();
      }
      assert.deepEqual(storm.faults, []);
      await expectSound(dataDir);
      await berth.restart();
    });
    assert.ok(slowest < 35_000);
    await kept.expectPullable(berth);
    await berth.stop();
    await rm(dataDir, { recursive: true });
    return `${rounds} times: exit 0 within ${(slowest / 1000).toFixed(1)} s, ${kept.count} acknowledged pushes, 0 lost`;
  },
};
