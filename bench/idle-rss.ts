import { setTimeout as delay } from 'node:timers/promises';
import { residentMegabytes } from './support/memory.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

/** Nobody has signed in yet; a few seconds after the start, when what starting needed has settled. */
const figures: Record<string, number[]> = {};
for (let round = 0; round < 3; round++) {
  const peers = await startPeers();
  await delay(3_000);
  const measured = await alternate(peers, 1, async (peer: Peer) => (await residentMegabytes(peer.pid)).now);
  for (const [name, values] of Object.entries(measured)) figures[name] = [...(figures[name] ?? []), ...values];
  for (const peer of peers) await peer.stop();
}
const rows: Row[] = [{ measure: 'idle RSS', unit: 'MB', better: 'less', figures, bar: { atMost: 115 } }];
print(rows);
