import { buildImage, type Content, content, MiB, randomBytesOf } from '../test/support/images.js';
import { BlobSource } from './support/blob-source.js';
import { startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';
import { wrk } from './support/wrk.js';

const repository = 'bench/app';
const type = 'application/octet-stream';
const small: Content = buildImage({ seed: 'blob-get', layers: [1] }).config;
const medium = content(type, randomBytesOf('blob-get', 5_000_000));
const large = new BlobSource('blob-get', 512 * MiB);
const peers = await startPeers();
const headers = new Map<string, Record<string, string>>();
for (const peer of peers) {
  const client = await peer.client();
  await client.pushBlob(repository, small);
  await client.pushBlob(repository, medium);
  const session = await client.append(repository, (await client.startUpload(repository)).location, large.stream());
  await client.finishUpload(repository, session.location, large.digest);
  const token = await client.token(`repository:${repository}:pull`);
  headers.set(peer.name, token ? { authorization: `Bearer ${token}` } : {});
}

const measured = async (digest: string, connections: number) => {
  const requests: Record<string, number[]> = {};
  const megabytes = await alternate(peers, 3, async (peer) => {
    const options = { connections, seconds: 4, headers: headers.get(peer.name) };
    const result = await wrk(`${peer.url}/v2/${repository}/blobs/${digest}`, options);
    requests[peer.name] = [...(requests[peer.name] ?? []), result.requestsPerSecond];
    return result.megabytesPerSecond;
  });
  return { requests, megabytes };
};
const rows: Row[] = [
  {
    measure: 'small blob GET × 32',
    unit: '/s',
    better: 'more',
    figures: (await measured(small.digest, 32)).requests,
    bar: { ratio: 25 },
  },
  {
    measure: '5 MB blob GET × 8',
    unit: 'MB/s',
    better: 'more',
    figures: (await measured(medium.digest, 8)).megabytes,
    bar: { ratio: 1.3 },
  },
  {
    measure: '512 MiB blob GET × 1',
    unit: 'MB/s',
    better: 'more',
    figures: (await measured(large.digest, 1)).megabytes,
    bar: { ratio: 1.3 },
  },
];
for (const peer of peers) await peer.stop();
print(rows);
