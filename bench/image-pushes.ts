import { buildImage } from '../test/support/images.js';
import { type Peer, startPeers } from './support/peers.js';
import { secondsToPush, uploadsOf } from './support/pushes.js';
import { alternate, print, type Row } from './support/row.js';

const repository = 'bench/app';
const clientsAtOnce = 8;
const imagesPerClient = 40;
const tagsPerRound = 400;
const peers = await startPeers();

async function pushImages(peer: Peer, round: number): Promise<number> {
  const clients = Array.from({ length: clientsAtOnce }, (_, client) =>
    Array.from({ length: imagesPerClient }, (_, n) => {
      const name = `push-${round}-${client}-${n}`;
      return uploadsOf(name, buildImage({ seed: name, layers: [16_384, 16_384, 16_384] }));
    }).flat(),
  );
  return (clientsAtOnce * imagesPerClient) / (await secondsToPush(peer, repository, clients));
}

await alternate(peers, 1, (peer) => pushImages(peer, 0)); // what a program compiles while it runs is not what it takes
const pushes = await alternate(peers, 3, (peer, round) => pushImages(peer, round + 1));

const tagged = buildImage({ seed: 'tag', layers: [1_000] });
for (const peer of peers) await secondsToPush(peer, repository, [uploadsOf('tagged', tagged)]);
const tags = await alternate(peers, 3, async (peer, round) => {
  const moves = Array.from({ length: tagsPerRound }, (_, n) => ({
    tag: `tag-${round}-${n}`,
    manifest: tagged.manifest,
  }));
  return tagsPerRound / (await secondsToPush(peer, repository, [moves]));
});

const row = { unit: '/s', better: 'more' } as const;
const rows: Row[] = [
  { ...row, measure: `image pushes, 3 × 16 KB, ${clientsAtOnce} clients`, figures: pushes, bar: { ratio: 4 } },
  { ...row, measure: 'tag PUT, one client', figures: tags, bar: { ratio: 2 } },
];
for (const peer of peers) await peer.stop();
print(rows);
