import { Agent } from 'node:http';
import { type BuiltImage, buildImage, type Content } from '../test/support/images.js';
import type { RegistryClient } from '../test/support/registry-client.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

const repository = 'bench/app';
const clientsAtOnce = 8;
const imagesPerRound = 240;
const tagsPerRound = 400;
const agent = new Agent({ keepAlive: true, maxSockets: clientsAtOnce });
const peers = await startPeers();
const clients = new Map<Peer, RegistryClient>();
for (const peer of peers) clients.set(peer, await peer.client(agent));

/** POST, PATCH, PUT for each blob and PUT for the manifest, one after another. */
async function push(client: RegistryClient, tag: string, image: BuiltImage): Promise<void> {
  for (const blob of [...image.layers, image.config]) {
    const written = await client.append(repository, (await client.startUpload(repository)).location, blob.bytes);
    expect201((await client.finishUpload(repository, written.location, blob.digest)).status);
  }
  await putTag(client, tag, image.manifest);
}

async function putTag(client: RegistryClient, tag: string, manifest: Content): Promise<void> {
  expect201((await client.putManifest(repository, tag, manifest)).status);
}

function expect201(status: number): void {
  if (status !== 201) throw new Error(`answered ${status}`);
}

function clientOf(peer: Peer): RegistryClient {
  const client = clients.get(peer);
  if (!client) throw new Error('every peer has a client');
  return client;
}

async function pushImages(peer: Peer, round: number): Promise<number> {
  const client = clientOf(peer);
  const images = Array.from({ length: imagesPerRound }, (_, n) => {
    return buildImage({ seed: `push/${round}/${n}`, layers: [16_384, 16_384, 16_384] });
  });
  const queue = images.entries();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clientsAtOnce }, async () => {
      for (const [n, image] of queue) await push(client, `push-${round}-${n}`, image);
    }),
  );
  return imagesPerRound / ((performance.now() - started) / 1000);
}

await alternate(peers, 1, (peer) => pushImages(peer, 0)); // what a program compiles while it runs is not what it takes
const pushes = await alternate(peers, 3, (peer, round) => pushImages(peer, round + 1));

const tags = await alternate(peers, 3, async (peer, round) => {
  const client = clientOf(peer);
  const image = buildImage({ seed: 'tag', layers: [1_000] });
  await push(client, 'tagged', image);
  const started = performance.now();
  for (let n = 0; n < tagsPerRound; n++) await putTag(client, `tag-${round}-${n}`, image.manifest);
  return tagsPerRound / ((performance.now() - started) / 1000);
});

const row = { unit: '/s', better: 'more' } as const;
const rows: Row[] = [
  { ...row, measure: `image pushes, 3 × 16 KB, ${clientsAtOnce} clients`, figures: pushes, bar: { ratio: 4 } },
  { ...row, measure: 'tag PUT, one client', figures: tags, bar: { ratio: 2 } },
];
agent.destroy();
for (const peer of peers) await peer.stop();
print(rows);
