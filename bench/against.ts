/**
 * `npm run bench -- against <checkout> [rounds]`: every row of the data plane and the tokens, this tree against another one
 * that is built already, alternating. Of each row the median of both, the median of the ratios of the rounds, and the
 * interval that holds that median with 98 % when there are ten rounds (their second and their ninth in order).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../test/support/child.js';
import { basic, send } from '../test/support/http.js';
import { buildImage, content, MiB, randomBytesOf } from '../test/support/images.js';
import type { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { chunked, finishAt, sendFile } from './support/curl.js';
import { type Peer, startBerthPeer } from './support/peers.js';
import { secondsToPush, uploadsOf } from './support/pushes.js';
import { alternate, median } from './support/row.js';
import { wrk } from './support/wrk.js';

const [checkout, roundsText = '10'] = process.argv.slice(2);
if (checkout === undefined) throw new Error('say which checkout to compare with');
const rounds = Number(roundsText);
const repository = 'bench/app';
const image = buildImage({ seed: 'against', layers: [16_384, 16_384, 16_384] });
const medium = content('application/octet-stream', randomBytesOf('against', 5_000_000));
const peers = [await startBerthPeer(), await startBerthPeer(checkout)];
const memory = await mkdtemp('/dev/shm/berth-bench-');
const clients = new Map<Peer, { client: RegistryClient; headers: Record<string, string> }>();
for (const peer of peers) {
  const client = await peer.client();
  await client.push(repository, 'v1', image);
  await client.pushBlob(repository, medium);
  for (let tag = 0; tag < 200; tag++) await client.putManifest(repository, `tag-${tag}`, image.manifest);
  const token = await client.token(`repository:${repository}:pull`);
  clients.set(peer, { client, headers: { authorization: `Bearer ${token}`, accept: image.manifest.mediaType } });
}
function of(peer: Peer) {
  const known = clients.get(peer);
  if (known === undefined) throw new Error('every peer has a client');
  return known;
}

async function row(measure: string, unit: string, work: (peer: Peer, round: number) => Promise<number>): Promise<void> {
  await alternate(peers, 1, (peer) => work(peer, -1)); // the compiler's
  const figures = await alternate(peers, rounds, work);
  const [ours = [], theirs = []] = [figures.berth, figures['other tree']];
  const ratios = ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)).sort((a, b) => a - b);
  const short = (value = Number.NaN) => Number(value.toPrecision(3));
  const interval = [ratios[1], ratios.at(-2)].map(short).join('–');
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `${measure}: ${short(median(ours))} against ${short(median(theirs))} ${unit}, ` +
      `${short(median(ratios))}× (${interval}), load ${load}`,
  );
}

const get = (measure: string, path: string, connections = 32) =>
  row(measure, '/s', async (peer) => {
    const url = `${peer.url}/v2/${repository}/${path}`;
    return (await wrk(url, { connections, seconds: 2, headers: of(peer).headers })).requestsPerSecond;
  });

await get('manifest GET by tag', 'manifests/v1');
await get('manifest GET by digest', `manifests/${image.manifest.digest}`);
await get('small blob GET', `blobs/${image.config.digest}`);
await get('tags/list?n=100', 'tags/list?n=100');
await get('blob GET 5 MB × 8', `blobs/${medium.digest}`, 8);

const token = async (peer: Peer, how: { headers?: Record<string, string>; form?: string }, path: string) =>
  (await wrk(`${peer.url}${path}`, { ...how, connections: 32, seconds: 2 })).requestsPerSecond;
const scope = `repository:${repository}:pull,push`;
const query = `/token?service=berth&scope=${scope}`;
const passwordOf = ({ credentials }: Peer) => basic(credentials?.username ?? '', credentials?.password ?? '');
await row('tokens by cached Basic', '/s', (peer) =>
  token(peer, { headers: { authorization: passwordOf(peer) } }, query),
);
const forms = new Map<Peer, string>();
for (const peer of peers) {
  const path = '/token?service=berth&account=admin&client_id=docker&offline_token=true';
  const answer = await send(peer.url, path, { headers: { authorization: passwordOf(peer) } });
  const { refresh_token } = JSON.parse(answer.body.toString());
  const form = { grant_type: 'refresh_token', service: 'berth', client_id: 'docker', scope, refresh_token };
  forms.set(peer, `${new URLSearchParams(form)}`);
}
await row('tokens by refresh token', '/s', (peer) => token(peer, { form: forms.get(peer) ?? '' }, '/token'));

const pushImages = (round: number) =>
  Array.from({ length: 8 }, (_, client) =>
    Array.from({ length: 25 }, (_unused, n) => {
      const name = `push-${round}-${client}-${n}`;
      return uploadsOf(name, buildImage({ seed: name, layers: [16_384, 16_384, 16_384] }));
    }).flat(),
  );
await row('image pushes, 8 clients', '/s', async (peer, round) => {
  return 200 / (await secondsToPush(peer, repository, pushImages(round)));
});
await row('tag PUT, one client', '/s', async (peer, round) => {
  const moves = Array.from({ length: 300 }, (_, n) => ({ tag: `moved-${round}-${n}`, manifest: image.manifest }));
  return 300 / (await secondsToPush(peer, repository, [moves]));
});

async function putBlobs(peer: Peer, seed: string, bytes: number, count: number, streamed: boolean): Promise<number> {
  const { client } = of(peer);
  const blobs: { path: string; digest: string }[] = [];
  for (let n = 0; n < count; n++) {
    const source = new BlobSource(`${seed}/${n}`, bytes);
    const path = join(memory, `${n}`);
    await writeFile(path, source.stream());
    blobs.push({ path, digest: source.digest });
  }
  await mustRun('sync', ['--file-system', tmpdir()]); // nobody pays for what was written before
  const started = performance.now();
  await Promise.all(
    blobs.map(async ({ path: file, digest }) => {
      const { location } = await client.startUpload(repository);
      if (!streamed) {
        await sendFile(client, repository, { method: 'PUT', file, location: finishAt(location, digest) });
        return;
      }
      const next = await sendFile(client, repository, { method: 'PATCH', file, headers: chunked, location });
      const { status } = await client.finishUpload(repository, next, digest);
      if (status !== 201) throw new Error(`PUT answered ${status}`);
    }),
  );
  return (bytes * count) / 1e6 / ((performance.now() - started) / 1000);
}
const size = 256 * MiB;
await row('blob PUT 256 MiB', 'MB/s', (peer, round) => putBlobs(peer, `put/${round}`, size, 1, false));
await row('blob PATCH 256 MiB', 'MB/s', (peer, round) => putBlobs(peer, `patch/${round}`, size, 1, true));
await row('blob PUT 8 × 32 MiB', 'MB/s', (peer, round) => putBlobs(peer, `eight/${round}`, size / 8, 8, false));

for (const peer of peers) await peer.stop();
await rm(memory, { recursive: true });
