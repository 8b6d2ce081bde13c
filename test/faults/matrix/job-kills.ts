import assert from 'node:assert/strict';
import { type Berth, startBerth } from '../../support/berth.js';
import { plantBlob } from '../../support/planted-blobs.js';
import { until } from '../../support/ports.js';
import { type Fault, pause, times } from './fault.js';

/** Milliseconds after a restart within which every job is final or runs anew. */
const within = 30_000;
const ended = ['succeeded', 'failed', 'cancelled', 'interrupted'];

interface Seen {
  readonly id: number;
  readonly state: string;
  readonly attempt: number;
  readonly startedAt: string | null;
}

const jobsOf = async (berth: Berth): Promise<Seen[]> => (await berth.api('GET', '/api/v1/jobs')).body.items;

export const jobKills: Fault = {
  id: 'F22',
  title: 'kill -9 while jobs run',
  tools: [],
  async run(full) {
    const berth = await startBerth({ env: { BERTH_SCRUB_INTERVAL: 'off' } });
    // What is read for longer than a round takes.
    for (const prefix of ['10', '80', 'f0']) await plantBlob(berth.dataDir, prefix.padEnd(64, 'a'), 16 * 2 ** 30);
    const ends = new Map<number, string>();
    let again = 0;
    await times(full ? 50 : 4, async () => {
      for (const kind of ['blobs.scrub', 'uploads.sweep']) {
        const { status } = await berth.api('POST', '/api/v1/jobs', { kind });
        assert.ok(status === 202 || status === 200, `${kind} answered ${status}`);
      }
      await pause(Math.random() * 400);
      const before = await jobsOf(berth);
      await berth.kill();
      await berth.restart();
      await until(
        'every job is final or runs anew',
        async () => {
          const after = await jobsOf(berth);
          return before.every((was) => {
            const is = after.find(({ id }) => id === was.id);
            return is !== undefined && (ended.includes(is.state) || isAnew(was, is));
          });
        },
        within,
      );
      const after = await jobsOf(berth);
      const running = after.filter(({ state }) => state === 'running');
      assert.ok(running.length <= 2, `${running.length} jobs run at once`);
      again += running.length;
      for (const { id, state, attempt } of after) {
        assert.ok(attempt <= 3, `job ${id} was begun ${attempt} times`);
        const end = ends.get(id);
        assert.ok(end === undefined || end === state, `job ${id} was ${end} and is ${state}`);
        if (ended.includes(state)) ends.set(id, state);
      }
    });
    await berth.stop();
    return `${ends.size} jobs ended, ${again} times one ran anew after a kill, none was left`;
  },
};

/** Under another lease than before the kill: it waited then, or was begun again since. */
function isAnew(was: Seen, is: Seen): boolean {
  return is.state === 'running' && (was.state === 'queued' || is.startedAt !== was.startedAt);
}
