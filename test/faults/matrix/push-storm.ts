import assert from 'node:assert/strict';
import { startBerth } from '../../support/berth.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, pause, times } from './fault.js';
import { Storm } from './storm.js';

export const pushStorm: Fault = {
  id: 'F3',
  title: 'kill -9 in a push storm',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const kept = new Acknowledged();
    const storm = new Storm(berth, kept, 4, full ? [400_000, 1_500_000, 3_000] : [150_000, 3_000]);
    const kills = full ? 30 : 4;
    try {
      await times(kills, async () => {
        await storm.nextAcknowledged();
        await pause(full ? 2_000 + Math.random() * 3_000 : 200 + Math.random() * 600);
        await berth.kill();
        await berth.restart();
      });
    } finally {
      await storm.end();
    }
    assert.ok(storm.failures.length > 0, 'no kill hit a push');
    assert.deepEqual(storm.faults, []);
    await expectSound(berth.dataDir);
    await kept.expectPullable(berth);
    await berth.stop();
    return `${kills} kills, ${storm.failures.length} pushes cut, ${kept.count} acknowledged tags pulled byte for byte, 0 lost, 0 answers 5xx`;
  },
};
