import { MiB } from '../test/support/images.js';
import { BlobSource } from './support/blob-source.js';
import { resetPeak, residentMegabytes } from './support/memory.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

const repository = 'bench/app';

/** How far resident memory rises above where it stood before, while `count` blobs come in at once. */
async function growth(peer: Peer, size: number, count: number): Promise<number> {
  const client = await peer.client();
  const sessions = [];
  for (let n = 0; n < count; n++) sessions.push((await client.startUpload(repository)).location);
  await resetPeak(peer.pid);
  const before = (await residentMegabytes(peer.pid)).now;
  await Promise.all(
    sessions.map(async (location, n) => {
      const blob = new BlobSource(`memory/${size}/${count}/${n}`, size);
      const written = await client.append(repository, location, blob.stream());
      const answer = await client.finishUpload(repository, written.location, blob.digest);
      if (answer.status !== 201) throw new Error(`PUT answered ${answer.status}`);
    }),
  );
  return (await residentMegabytes(peer.pid)).peak - before;
}

const peers = await startPeers();
const row = { unit: 'MB', better: 'less', bar: { atMost: 64 } } as const;
const rows: Row[] = [
  {
    ...row,
    measure: 'RSS growth, 1 GiB push',
    figures: await alternate(peers, 1, (peer) => growth(peer, 1024 * MiB, 1)),
  },
  {
    ...row,
    measure: 'RSS growth, 8 × 256 MiB pushes at once',
    figures: await alternate(peers, 1, (peer) => growth(peer, 256 * MiB, 8)),
  },
];
for (const peer of peers) await peer.stop();
print(rows);
