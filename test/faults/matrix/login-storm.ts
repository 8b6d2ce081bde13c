import assert from 'node:assert/strict';
import { startBerth } from '../../support/berth.js';
import { basic, send } from '../../support/http.js';
import { buildImage } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import type { Fault } from './fault.js';

const repository = 'login/app';

export const loginStorm: Fault = {
  id: 'F27',
  title: 'a storm of failing sign-ins',
  tools: [],
  async run(full) {
    const berth = await startBerth();
    const client = await RegistryClient.open(berth.url, berth.admin);
    await client.push(repository, 'v1', buildImage({ seed: 'login', layers: [1_000] }));
    await client.getManifest(repository, 'v1');
    let over = false;
    const statuses = new Map<number, number>();
    const login = async (guest: number) => {
      for (let attempt = 0; !over; attempt++) {
        const authorization = basic(`guest${guest}-${attempt}`, 'wrong');
        const { status } = await send(berth.url, '/token?service=berth', { headers: { authorization } });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const storm = Promise.all(Array.from({ length: 16 }, (_, guest) => login(guest)));
    const latencies: number[] = [];
    for (let pull = 0; pull < (full ? 2_000 : 200); pull++) {
      const started = performance.now();
      assert.equal((await client.getManifest(repository, 'v1')).status, 200);
      latencies.push(performance.now() - started);
    }
    over = true;
    await storm;
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 401 && status !== 429),
      [],
    );
    latencies.sort((one, other) => one - other);
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
    await berth.stop();
    const counted = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
    return `16 at a time (${counted}): manifest GET p99 ${p99.toFixed(1)} ms, no pull refused`;
  },
};
