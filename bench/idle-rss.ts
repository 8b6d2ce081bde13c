import { setTimeout as delay } from 'node:timers/promises';
import { startBerth } from '../test/support/berth.js';
import { startDockerRegistry } from '../test/support/docker-registry.js';
import { findTool } from '../test/support/tools.js';
import { residentMegabytes } from './support/memory.js';
import { print, type Row } from './support/row.js';

/** Some seconds after the start, when what starting needed has settled; nobody has signed in since. */
async function settled(pid: number): Promise<number> {
  await delay(3_000);
  return (await residentMegabytes(pid)).now;
}

const firstStart: number[] = [];
const laterStart: number[] = [];
const peer: number[] = [];
for (let round = 0; round < 3; round++) {
  const berth = await startBerth();
  firstStart.push(await settled(berth.pid)); // the thread that hashed the first administrator's password is still there
  await berth.restart();
  laterStart.push(await settled(berth.pid));
  await berth.stop();
  if (!findTool('docker-registry')) continue;
  const registry = await startDockerRegistry();
  peer.push(await settled(registry.pid));
  await registry.stop();
}
const peers: Record<string, number[]> = peer.length > 0 ? { 'docker-registry': peer } : {};
const rows: Row[] = [
  { measure: 'idle RSS', unit: 'MB', better: 'less', figures: { berth: laterStart, ...peers }, bar: { atMost: 115 } },
  { measure: 'idle RSS after the first start ever', unit: 'MB', better: 'less', figures: { berth: firstStart } },
];
print(rows);
