/**
 * `npm run bench -- push-then-pull`: what a team waits for after a build. A blob of 512 MiB and an image of 20 layers are pushed,
 * and pulled as soon as the push was answered, by one client and by ten at once; on this disk, and on one of 150 MB/s.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../test/support/child.js';
import { type Content, descriptor, json, MiB, types } from '../test/support/images.js';
import type { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { Curl, chunked, sendFile, type Transfer } from './support/curl.js';
import { timeOf } from './support/latencies.js';
import { limitDisk } from './support/limited-disk.js';
import { startPeers } from './support/peers.js';
import { print, type Row } from './support/row.js';

const repository = 'bench/app';
const memory = await mkdtemp('/dev/shm/berth-bench-');
/** Layers that docker sends at a time. */
const pushedAtATime = 5;

/** Something to push: files in memory, sent and fetched by curl, and the manifest of an image. */
interface Pushable {
  readonly layers: readonly { readonly file: string; readonly digest: string; readonly size: number }[];
  readonly manifest?: Content;
}

async function makeLayers(seed: string, count: number, size: number): Promise<Pushable['layers']> {
  const layers: { file: string; digest: string; size: number }[] = [];
  for (let n = 0; n < count; n++) {
    const source = new BlobSource(`${seed}/${n}`, size);
    const file = join(memory, `${n}`);
    await writeFile(file, source.stream());
    layers.push({ file, digest: source.digest, size });
  }
  return layers;
}

const makeBlob = async (seed: string): Promise<Pushable> => ({ layers: await makeLayers(seed, 1, 512 * MiB) });

const config = json(types.config, { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } });
async function makeImage(seed: string): Promise<Pushable> {
  const layers = await makeLayers(seed, 20, 25 * MiB);
  const described = layers.map(({ digest, size }) => ({ mediaType: types.layer, digest, size }));
  const fields = { schemaVersion: 2, mediaType: types.manifest, config: descriptor(config), layers: described };
  return { layers, manifest: json(types.manifest, fields) };
}

/** POST, one PATCH of unknown length, PUT for each layer, then the manifest: docker's way. */
async function push(client: RegistryClient, { layers, manifest }: Pushable): Promise<void> {
  const left = [...layers];
  const pushNext = async () => {
    for (let layer = left.shift(); layer !== undefined; layer = left.shift()) {
      const { location } = await client.startUpload(repository);
      const { file, digest } = layer;
      const next = await sendFile(client, repository, { method: 'PATCH', file, headers: chunked, location });
      const { status } = await client.finishUpload(repository, next, digest);
      if (status !== 201) throw new Error(`PUT answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: pushedAtATime }, pushNext));
  if (manifest !== undefined && (await client.putManifest(repository, 'latest', manifest)).status !== 201)
    throw new Error('the manifest was refused');
}

function pullOf({ layers, manifest }: Pushable, client: RegistryClient, token: string | undefined): Transfer[] {
  const paths = layers.map(({ digest }) => `blobs/${digest}`);
  if (manifest !== undefined) paths.unshift(`manifests/${manifest.digest}`);
  const headers = [`Accept: ${types.manifest}`];
  return paths.map((path) => ({
    method: 'GET',
    url: `${client.origin}/v2/${repository}/${path}`,
    token,
    headers,
  }));
}

/** Pushes, and has so many clients pull it at once that waited for it; of each the seconds. */
async function pushThenPull(client: RegistryClient, what: Pushable, pullers: number) {
  const token = await client.token(`repository:${repository}:pull,push`);
  const curls = Array.from({ length: pullers }, () => new Curl('three at a time'));
  await Promise.all(curls.map((curl) => curl.ready()));
  const pushed = await timeOf(() => push(client, what));
  const size = what.layers.reduce((sum, layer) => sum + layer.size, what.manifest?.bytes.length ?? 0);
  const pulled = await timeOf(() =>
    Promise.all(
      curls.map(async (curl) => {
        const parts = await curl.do(pullOf(what, client, token));
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
        if (bytes !== size) throw new Error(`pulled ${bytes} bytes of ${size}`);
      }),
    ),
  );
  return { pushed: pushed / 1000, pulled: pulled / 1000 };
}

type Figures = Record<string, number[]>;
const empty = () => ({ push: {}, first: {}, both: {}, ten: {} }) as Record<'push' | 'first' | 'both' | 'ten', Figures>;

async function measure(name: string, make: typeof makeBlob, directory: string, rounds: number, ratio: number) {
  const peers = await startPeers(directory);
  const figures = empty();
  const note = (kind: keyof typeof figures, peer: string, figure: number) => {
    figures[kind][peer] = [...(figures[kind][peer] ?? []), figure];
  };
  const clients = new Map<string, RegistryClient>();
  for (const peer of peers) {
    const client = await peer.client();
    clients.set(peer.name, client);
    await client.pushBlob(repository, config);
  }
  for (let round = 0; round < rounds; round++) {
    for (const pullers of [1, 10]) {
      const what = await make(`${name}/${round}/${pullers}`);
      for (const [peer, client] of clients) {
        await mustRun('sync', ['--file-system', directory]); // nobody pays for what was written before
        const { pushed, pulled } = await pushThenPull(client, what, pullers);
        note('push', peer, pushed);
        if (pullers === 1) note('both', peer, pushed + pulled);
        note(pullers === 1 ? 'first' : 'ten', peer, pulled);
      }
    }
  }
  for (const peer of peers) await peer.stop();
  const row = { unit: 's', better: 'less' } as const;
  rows.push(
    { ...row, measure: `${name}: push`, figures: figures.push, bar: { ratio } },
    { ...row, measure: `${name}: first pull`, figures: figures.first, bar: { ratio: 0.9 } },
    { ...row, measure: `${name}: push and first pull`, figures: figures.both },
    { ...row, measure: `${name}: ten pulls at once`, figures: figures.ten, bar: { ratio: 1.5 } },
  );
}

const rows: Row[] = [];
const blob = 'blob of 512 MiB';
const image = 'image of 20 × 25 MiB';

const own = await mkdtemp(join(tmpdir(), 'berth-bench-'));
await measure(`${blob}, this disk`, makeBlob, own, 5, 2);
await measure(`${image}, this disk`, makeImage, own, 3, 2);
await rm(own, { recursive: true });
try {
  const limited = await limitDisk(24 * 1024 * MiB, 150e6);
  try {
    await measure(`${blob}, 150 MB/s`, makeBlob, limited.directory, 3, 1);
    await measure(`${image}, 150 MB/s`, makeImage, limited.directory, 3, 1);
  } finally {
    await limited.remove();
  }
} finally {
  await rm(memory, { recursive: true });
  print(rows); // of this disk at least, where another cannot be limited
}
