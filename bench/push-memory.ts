import { MiB } from '../test/support/images.js';
import { BlobSource } from './support/blob-source.js';
import { growthDuring } from './support/memory.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

const repository = 'bench/app';

/** How far resident memory rises above where it stood before, while `count` blobs come in at once. */
async function growth(peer: Peer, size: number, count: number): Promise<number> {
  const client = await peer.client();
  const sessions = [];
  for (let n = 0; n < count; n++) sessions.push((await client.startUpload(repository)).location);
  const pushed = sessions.map((location, n) => async () => {
    const blob = new BlobSource(`memory/${size}/${count}/${n}`, size);
    const written = await client.append(repository, location, blob.stream());
    const answer = await client.finishUpload(repository, written.location, blob.digest);
    if (answer.status !== 201) throw new Error(`PUT answered ${answer.status}`);
  });
  return growthDuring(peer.pid, () => Promise.all(pushed.map((push) => push())));
}

/** Each row on processes that took no push before. */
async function row(size: number, count: number): Promise<Row> {
  const peers = await startPeers();
  const measure = `RSS growth, ${count === 1 ? '' : `${count} × `}${size / MiB} MiB pushed${count === 1 ? '' : ' at once'}`;
  const figures = await alternate(peers, 1, (peer) => growth(peer, size, count));
  for (const peer of peers) await peer.stop();
  return { measure, unit: 'MB', better: 'less', bar: { atMost: 64 }, figures };
}

// `npm run bench -- push-memory 5120` for the layer of 5 GiB; without, what a shared machine's disk can bear.
const size = Number(process.argv[2] ?? 1024);
print([await row(256 * MiB, 8), await row(size * MiB, 1)]);
