import { buildImage } from '../test/support/images.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print } from './support/row.js';
import { wrk } from './support/wrk.js';

const image = buildImage({ seed: 'manifest-get', layers: [16_384, 16_384, 16_384] });
const repository = 'bench/app';
const peers = await startPeers();
const headers = new Map<string, Record<string, string>>();
for (const peer of peers) {
  const client = await peer.client();
  await client.push(repository, 'v1', image);
  const token = await client.token(`repository:${repository}:pull`);
  headers.set(peer.name, { accept: image.manifest.mediaType, ...(token ? { authorization: `Bearer ${token}` } : {}) });
}

const get = (path: string) =>
  alternate(peers, 5, async (peer: Peer) => {
    const options = { connections: 32, seconds: 3, headers: headers.get(peer.name) };
    return (await wrk(`${peer.url}/v2/${repository}/${path}`, options)).requestsPerSecond;
  });
const row = { unit: '/s', better: 'more' } as const;
const rows = [
  { ...row, measure: 'manifest GET by tag', figures: await get('manifests/v1'), bar: { ratio: 25 } },
  {
    ...row,
    measure: 'manifest GET by digest',
    figures: await get(`manifests/${image.manifest.digest}`),
    bar: { ratio: 25 },
  },
];
for (const peer of peers) await peer.stop();
print(rows);
