import assert from 'node:assert/strict';
import { startBerth } from '../../support/berth.js';
import { refusedStart } from '../../support/refusal.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import type { Fault } from './fault.js';
import { Storm } from './storm.js';

export const twoServers: Fault = {
  id: 'F32',
  title: 'a second server on the same data directory',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const kept = new Acknowledged();
    const storm = new Storm(berth, kept, 3, [50_000, 2_000]);
    const until = Date.now() + (full ? 300_000 : 2_000);
    let refused = 0;
    try {
      do {
        const { code, said } = await refusedStart({ BERTH_DATA_DIR: berth.dataDir });
        assert.ok(code > 0);
        assert.match(said, /^Another Berth is already running/);
        refused++;
      } while (Date.now() < until);
    } finally {
      await storm.end();
    }
    assert.deepEqual(storm.failures, []);
    await expectSound(berth.dataDir);
    await kept.expectPullable(berth);
    await berth.stop();
    return `${refused} starts refused during ${kept.count} pushes, 0 of those failed`;
  },
};
