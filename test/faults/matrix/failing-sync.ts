import assert from 'node:assert/strict';
import { startBerth } from '../../support/berth.js';
import { buildImage, type Content } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { traced } from '../../support/strace.js';
import { Acknowledged, expectSound } from './acknowledged.js';
import { type Fault, times } from './fault.js';
import { blobOf, put } from './pushing.js';

const repository = 'eio/app';
/** Pushes after which a sync must have failed. */
const mostPushes = 40;

export const failingSync: Fault = {
  id: 'F6',
  title: 'the disk fails to sync once, at the Nth call',
  tools: ['strace'],
  async run(full) {
    const rounds = full ? 10 : 2;
    const refusals: number[] = [];
    await times(rounds, async (round) => {
      const berth = await startBerth();
      const client = await RegistryClient.open(berth.url, berth.admin);
      const kept = new Acknowledged();
      const first = buildImage({ seed: `eio ${round}`, layers: [200_000] });
      await client.push(repository, 'first', first);
      kept.add(repository, 'first', first);
      const acknowledged: Content[] = [];
      let refused: { readonly status: number; readonly blob: Content } | undefined;
      const inject = `inject=fsync,fdatasync:error=EIO:when=${round + 1}`;
      await traced(berth.pid, ['-e', 'trace=fsync,fdatasync', '-e', inject], async () => {
        for (let push = 0; refused === undefined && push < mostPushes; push++) {
          const blob = blobOf(`eio ${round} ${push}`, push % 2 ? 200_000 : 5_000);
          const status = await put(client, repository, blob);
          if (status === 201) acknowledged.push(blob);
          else refused = { status, blob };
        }
      });
      assert.ok(refused, 'no sync failed');
      assert.equal(refused.status, 503);
      refusals.push(refused.status);
      for (const blob of acknowledged) assert.equal((await client.getBlob(repository, blob.digest)).status, 200);
      await berth.restart();
      await expectSound(berth.dataDir);
      for (const blob of acknowledged)
        assert.ok((await client.getBlob(repository, blob.digest)).body.equals(blob.bytes));
      await kept.expectPullable(berth);
      assert.equal(await put(client, repository, refused.blob), 201);
      await berth.stop();
    });
    return `N = 1..${rounds}: ${refusals.length} × 503, 0 false 201, pulls went on, after a restart 201`;
  },
};
