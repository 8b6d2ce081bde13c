import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../test/support/child.js';
import { MiB } from '../test/support/images.js';
import type { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { chunked, finishAt, sendFile } from './support/curl.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

/** `npm run bench -- blob-put 64` for smaller blobs, where the disk is shared. */
const size = Number(process.argv[2] ?? 512);
const repository = 'bench/app';
const peers = await startPeers();
const memory = await mkdtemp('/dev/shm/berth-bench-');
const clients = new Map<Peer, RegistryClient>();
for (const peer of peers) clients.set(peer, await peer.client());

/** A blob as a file in memory, sent by curl: a client in Node takes as much of the processor as the registry. */
interface BlobFile {
  readonly path: string;
  readonly digest: string;
}

/** POST, then one PUT with everything in it. */
async function monolithic(client: RegistryClient, { path, digest }: BlobFile): Promise<void> {
  const { location } = await client.startUpload(repository);
  await sendFile(client, repository, { method: 'PUT', file: path, location: finishAt(location, digest) });
}

/** POST, one PATCH of unknown length, PUT: docker's way. */
async function streamed(client: RegistryClient, { path, digest }: BlobFile): Promise<void> {
  const { location } = await client.startUpload(repository);
  const next = await sendFile(client, repository, { method: 'PATCH', file: path, headers: chunked, location });
  const answer = await client.finishUpload(repository, next, digest);
  if (answer.status !== 201) throw new Error(`PUT answered ${answer.status}`);
}

const put = (bytes: number, count: number, way: typeof streamed) =>
  alternate(peers, 3, async (peer, round) => {
    const client = clients.get(peer);
    if (!client) throw new Error('every peer has a client');
    const blobs: BlobFile[] = [];
    for (let n = 0; n < count; n++) {
      const source = new BlobSource(`${way.name}/${count}/${round}/${n}`, bytes);
      const path = join(memory, `${n}`);
      await writeFile(path, source.stream());
      blobs.push({ path, digest: source.digest });
    }
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
await rm(memory, { recursive: true });
print(rows);
