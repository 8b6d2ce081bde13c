import { tmpdir } from 'node:os';
import { mustRun } from '../test/support/child.js';
import { MiB } from '../test/support/images.js';
import type { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

/** `npm run bench -- blob-put 64` for smaller blobs, where the disk is shared. */
const size = Number(process.argv[2] ?? 512);
const repository = 'bench/app';
const peers = await startPeers();
const clients = new Map<Peer, RegistryClient>();
for (const peer of peers) clients.set(peer, await peer.client());

/** POST, then one PUT with everything in it. */
async function monolithic(client: RegistryClient, blob: BlobSource): Promise<void> {
  const { location } = await client.startUpload(repository);
  const separator = location.includes('?') ? '&' : '?';
  const token = await client.token(`repository:${repository}:pull,push`);
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-length': blob.size };
  const answer = await client.raw(`${location}${separator}digest=${blob.digest}`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: blob.stream(),
  });
  if (answer.status !== 201) throw new Error(`PUT answered ${answer.status}`);
}

/** POST, one PATCH of unknown length, PUT: docker's way. */
async function streamed(client: RegistryClient, blob: BlobSource): Promise<void> {
  const written = await client.append(repository, (await client.startUpload(repository)).location, blob.stream());
  const answer = await client.finishUpload(repository, written.location, blob.digest);
  if (answer.status !== 201) throw new Error(`PUT answered ${answer.status}`);
}

const put = (bytes: number, count: number, way: typeof streamed) =>
  alternate(peers, 3, async (peer, round) => {
    const client = clients.get(peer);
    if (!client) throw new Error('every peer has a client');
    const blobs = Array.from({ length: count }, (_, n) => new BlobSource(`${way.name}/${count}/${round}/${n}`, bytes));
    await mustRun('sync', ['--file-system', tmpdir()]); // nobody pays for what was written before
    const started = performance.now();
    await Promise.all(blobs.map((blob) => way(client, blob)));
    return (bytes * count) / 1e6 / ((performance.now() - started) / 1000);
  });

const row = { unit: 'MB/s', better: 'more', bar: { ratio: 2.5 } } as const;
const rows: Row[] = [
  { ...row, measure: `blob PUT ${size} MiB monolithic`, figures: await put(size * MiB, 1, monolithic) },
  { ...row, measure: `blob PATCH ${size} MiB streamed`, figures: await put(size * MiB, 1, streamed) },
  { ...row, measure: `blob PUT 8 × ${size / 8} MiB at once`, figures: await put((size / 8) * MiB, 8, monolithic) },
];
for (const peer of peers) await peer.stop();
print(rows);
