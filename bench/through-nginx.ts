import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../test/support/berth.js';
import { mustRun } from '../test/support/child.js';
import { blobsOf, buildImage, types } from '../test/support/images.js';
import { startNginx } from '../test/support/nginx.js';
import { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { Curl, chunked, curl, finishAt } from './support/curl.js';
import { percentile } from './support/latencies.js';
import { resetPeak, residentMegabytes } from './support/memory.js';
import { berthPeer, type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';
import { wrk } from './support/wrk.js';

const repository = 'bench/app';
const pushers = 20;
const pullers = 100;
const layersEach = 5;
const layerBytes = 10_000_000;

/** The same registry through an nginx of its own, with the nginx.conf that Berth ships. */
async function behindNginx(peer: Peer, dataDir?: string): Promise<Peer> {
  const nginx = await startNginx(new URL(peer.url).host, dataDir);
  const stop = async () => {
    await nginx.stop();
    return peer.stop();
  };
  const client = (agent?: Agent) => RegistryClient.open(nginx.url, peer.credentials, agent);
  const proxied = { ...peer, url: nginx.url, client, stop };
  tokens.set(proxied, await (await proxied.client()).token(`repository:${repository}:pull,push`));
  return proxied;
}

const tokens = new Map<Peer, string | undefined>();
const peers = await Promise.all((await startPeers()).map((peer) => behindNginx(peer)));
const memory = await mkdtemp('/dev/shm/berth-bench-');

interface BlobFile {
  readonly file: string;
  readonly digest: string;
}

/** All layers of one client: POST, PATCH of unknown length, PUT; the bodies at once, as docker sends them. */
async function pushLayers(peer: Peer, layers: readonly BlobFile[]): Promise<void> {
  const token = tokens.get(peer);
  const start = { method: 'POST', url: `${peer.url}/v2/${repository}/blobs/uploads/`, token } as const;
  const sessions = await curl(layers.map(() => start));
  const sent = await curl(
    layers.map(({ file }, n) => {
      return { method: 'PATCH', url: sessions[n]?.location ?? '', token, headers: chunked, file };
    }),
    'at once',
  );
  await curl(layers.map(({ digest }, n) => ({ method: 'PUT', url: finishAt(sent[n]?.location ?? '', digest), token })));
}

/** Writes what each client pushes in this round, into memory. */
async function layersOf(round: number): Promise<BlobFile[][]> {
  const clients: BlobFile[][] = [];
  for (let client = 0; client < pushers; client++) {
    const layers: BlobFile[] = [];
    for (let layer = 0; layer < layersEach; layer++) {
      const source = new BlobSource(`nginx/${round}/${client}/${layer}`, layerBytes);
      const file = join(memory, `${client}-${layer}`);
      await writeFile(file, source.stream());
      layers.push({ file, digest: source.digest });
    }
    clients.push(layers);
  }
  return clients;
}

const image = buildImage({ seed: 'nginx', layers: Array.from({ length: layersEach }, () => layerBytes) });
const wanted = [
  { path: 'manifests/v1', bytes: image.manifest.bytes.length },
  ...blobsOf(image).map(({ digest, bytes }) => ({ path: `blobs/${digest}`, bytes: bytes.length })),
];

/** Pulls the image as one client; resolves with the milliseconds to the first byte of each of its parts. */
async function pullImage(peer: Peer, client: Curl): Promise<number[]> {
  const answers = await client.do(
    wanted.map(({ path }) => ({
      method: 'GET',
      url: `${peer.url}/v2/${repository}/${path}`,
      token: tokens.get(peer),
      headers: [`Accept: ${types.manifest}`],
    })),
  );
  for (const [n, { path, bytes }] of wanted.entries()) {
    if (answers[n]?.bytes !== bytes) throw new Error(`${path} came with ${answers[n]?.bytes} bytes of ${bytes}`);
  }
  return answers.map(({ firstByte }) => firstByte);
}

/** MB/s of something that all of `clients` do at once, and the highest resident memory meanwhile. */
async function together<C, T>(peer: Peer, bytes: number, clients: readonly C[], work: (client: C) => Promise<T>) {
  await resetPeak(peer.pid);
  const started = performance.now();
  const results = await Promise.all(clients.map(work));
  const seconds = (performance.now() - started) / 1000;
  return { results, speed: bytes / 1e6 / seconds, peak: (await residentMegabytes(peer.pid)).peak };
}

type Figures = Record<string, number[]>;
const note = (figures: Figures, peer: Peer, figure: number) => {
  figures[peer.name] = [...(figures[peer.name] ?? []), figure];
};

let layers: BlobFile[][] = [];
const pushPeaks: Figures = {};
const pushes = await alternate(peers, 2, async (peer, round) => {
  if (peer === peers[0]) layers = await layersOf(round);
  await mustRun('sync', ['--file-system', tmpdir()]); // nobody pays for what was written before
  const bytes = pushers * layersEach * layerBytes;
  const { speed, peak } = await together(peer, bytes, layers, (own) => pushLayers(peer, own));
  note(pushPeaks, peer, peak);
  return speed;
});
await rm(memory, { recursive: true });

/** What 100 clients get who pull the image at once. */
async function pullTogether(from: readonly Peer[]): Promise<Record<'speed' | 'peak' | 'firstByte', Figures>> {
  const peak: Figures = {};
  const firstByte: Figures = {};
  for (const peer of from) await (await peer.client()).push(repository, 'v1', image);
  const speed = await alternate(from, 2, async (peer) => {
    const bytes = pullers * wanted.reduce((sum, part) => sum + part.bytes, 0);
    const clients = Array.from({ length: pullers }, () => new Curl());
    await Promise.all(clients.map((client) => client.ready()));
    const { results, ...figures } = await together(peer, bytes, clients, (client) => pullImage(peer, client));
    note(peak, peer, figures.peak);
    note(firstByte, peer, percentile(results.flat(), 0.99));
    return figures.speed;
  });
  return { speed, peak, firstByte };
}
const pulls = await pullTogether(peers);

/** A thousand connections GET the manifest: wrk waits for the body of a HEAD for ever, and a GET is the same work and one write more. */
const askManifests = (peer: Peer, rest?: number) => {
  const token = tokens.get(peer);
  const headers = { accept: types.manifest, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const url = `${peer.url}/v2/${repository}/manifests/v1`;
  return wrk(url, { connections: 1_000, seconds: 3, headers, ...(rest !== undefined && { rest }) });
};
const manifests = await alternate(peers, 2, async (peer) => (await askManifests(peer)).requestsPerSecond);
/**
 * Whoever asks again at once waits for 999 others, however fast they are served: a latency says something only at a rate. With
 * this rest they ask 1 800 times a second, as long as the answers take no time.
 */
const rest = 1_100;
const paced: Figures = {};
const slowest = await alternate(peers, 2, async (peer) => {
  const { requestsPerSecond, p99 } = await askManifests(peer, rest);
  note(paced, peer, requestsPerSecond);
  return p99;
});
for (const peer of peers) await peer.stop();

const sender = await startBerth({ env: { BERTH_TOKEN_SECONDS: '3600', BERTH_ACCEL_REDIRECT: '/berth-blobs' } });
const sending = await behindNginx(berthPeer(sender), sender.dataDir);
const sent = await pullTogether([sending]);
await sending.stop();

const pushing = `${pushers} clients push ${layersEach} × 10 MB`;
const pulling = `${pullers} clients pull 50 MB`;
const asking = 'manifest GET × 1000';
const less = { better: 'less' } as const;
const more = { better: 'more' } as const;
const pullRows = (measure: string, { speed, peak, firstByte }: typeof pulls): Row[] => [
  { ...more, measure, unit: 'MB/s', figures: speed },
  { ...less, measure: `first byte p99, ${measure}`, unit: 'ms', bar: { atMost: 300 }, figures: firstByte },
  { ...less, measure: `RSS, ${measure}`, unit: 'MB', figures: peak },
];
const rows: Row[] = [
  { ...more, measure: pushing, unit: 'MB/s', bar: { ratio: 0.6 }, figures: pushes },
  { ...less, measure: `RSS, ${pushing}`, unit: 'MB', bar: { atMost: 400 }, figures: pushPeaks },
  ...pullRows(pulling, pulls),
  ...pullRows(`${pulling}, sent by nginx`, sent),
  { ...more, measure: asking, unit: 'requests/s', bar: { atLeast: 1_500 }, figures: manifests },
  { ...more, measure: `${asking}, paced`, unit: 'requests/s', bar: { atLeast: 1_500 }, figures: paced },
  { ...less, measure: `p99, ${asking}, paced`, unit: 'ms', bar: { atMost: 150 }, figures: slowest },
];
print(rows);
