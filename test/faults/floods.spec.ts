import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../src/config/project-root.js';
import { type Berth, startBerth } from '../support/berth.js';
import { Background } from '../support/child.js';
import { send } from '../support/http.js';
import { buildImage, MiB } from '../support/images.js';
import { addUser } from '../support/people.js';
import { processorMs } from '../support/processor-time.js';
import { RegistryClient } from '../support/registry-client.js';
import { residentBytes } from '../support/resident.js';
import type { SiegePlan } from './siege/plan.js';

const repository = 'mallory/app';
/** MiB that the server grows by at most, of the many times as much that is sent. */
const mostMiB = 128;

describe('clients that dial again as soon as they are answered or cut off', () => {
  let berth: Berth;
  beforeEach(async () => {
    berth = await startBerth();
  });
  afterEach(() => berth.stop());

  it.each([
    'manifests without end',
    'large heads',
    'large heads, sixteen at a time',
    'large tokens, sixteen at a time',
    'large passwords',
  ])(
    'keep nobody else waiting, and do not make the server large (%s)',
    async (attack) => {
      const pusher = await addUser(berth, 'mallory', { [repository]: ['push'] });
      const stranger = await addUser(berth, 'nobody');
      const plan: SiegePlan = { url: berth.url, pusher, stranger, repository, tags: 0, database: '', seconds: 8 };
      const client = await RegistryClient.open(berth.url, berth.admin);
      const before = await residentBytes(berth.pid);
      const program = `${projectRoot()}/dist/test/faults/siege/attackers.js`;
      const attackers = new Background(process.execPath, [program, JSON.stringify(plan), attack]);
      const pushed = client.push('team/app', 'v1', buildImage({ seed: attack, layers: [MiB] }));
      // What the server does before it answers is what a probe waits for on a machine that does nothing else.
      const waits: number[] = [];
      let most = 0;
      while (attackers.running) {
        const started = await processorMs(berth.pid);
        expect((await send(berth.url, '/healthz')).status).toBe(200);
        waits.push((await processorMs(berth.pid)) - started);
        most = Math.max(most, await residentBytes(berth.pid));
        await delay(50);
      }
      await pushed;
      expect(await attackers.ended).toBe(0);
      expect(Math.max(...waits)).toBeLessThan(500);
      expect((most - before) / MiB).toBeLessThan(mostMiB);
    },
    120_000,
  );
});
