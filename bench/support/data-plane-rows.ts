import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../../test/support/child.js';
import { basic, send } from '../../test/support/http.js';
import { buildImage, content, MiB, randomBytesOf } from '../../test/support/images.js';
import type { RegistryClient } from '../../test/support/registry-client.js';
import { BlobSource } from './blob-source.js';
import { chunked, finishAt, sendFile } from './curl.js';
import type { Peer } from './peers.js';
import { secondsToPush, uploadsOf } from './pushes.js';
import { wrk } from './wrk.js';

/** A server with something in it, and what its clients need. */
export interface Candidate {
  readonly peer: Peer;
  readonly client: RegistryClient;
  /** Of somebody who pulls. */
  readonly headers: Record<string, string>;
  /** Name and password. */
  readonly authorization: string;
  /** With a refresh token. */
  readonly form: string;
}

/** How much was done in how long. */
export interface Done {
  readonly count: number;
  readonly seconds: number;
}

export interface DataPlaneRow {
  readonly measure: string;
  /** What is counted. */
  readonly unit: string;
  /** @param run each once for a candidate: what is pushed is new to it */
  readonly work: (candidate: Candidate, run: 'warm-up' | 'measured') => Promise<Done>;
}

const repository = 'bench/app';
const scope = `repository:${repository}:pull,push`;
const image = buildImage({ seed: 'against', layers: [16_384, 16_384, 16_384] });
const medium = content('application/octet-stream', randomBytesOf('against', 5_000_000));
const clientsAtOnce = 8;
const imagesOfClient = 40;
const tagsMoved = 1000;
const large = 256 * MiB;

/** Puts in what the rows ask for. */
export async function prepare(peer: Peer): Promise<Candidate> {
  const client = await peer.client();
  await client.push(repository, 'v1', image);
  await client.pushBlob(repository, medium);
  for (let tag = 0; tag < 200; tag++) await client.putManifest(repository, `tag-${tag}`, image.manifest);
  const token = await client.token(`repository:${repository}:pull`);
  const headers = { authorization: `Bearer ${token}`, accept: image.manifest.mediaType };
  const authorization = basic(peer.credentials?.username ?? '', peer.credentials?.password ?? '');
  const path = '/token?service=berth&account=admin&client_id=docker&offline_token=true';
  const answer = await send(peer.url, path, { headers: { authorization } });
  const { refresh_token } = JSON.parse(answer.body.toString());
  const form = { grant_type: 'refresh_token', service: 'berth', client_id: 'docker', scope, refresh_token };
  return { peer, client, headers, authorization, form: `${new URLSearchParams(form)}` };
}

const get = (measure: string, path: string, connections = 32): DataPlaneRow => ({
  measure,
  unit: 'request',
  work: ({ peer, headers }) => asked(`${peer.url}/v2/${repository}/${path}`, { headers, connections }),
});

export const dataPlaneRows: readonly DataPlaneRow[] = [
  get('manifest GET by tag', 'manifests/v1'),
  get('manifest GET by digest', `manifests/${image.manifest.digest}`),
  get('small blob GET', `blobs/${image.config.digest}`),
  get('tags/list?n=100', 'tags/list?n=100'),
  get('blob GET 5 MB × 8', `blobs/${medium.digest}`, 8),
  {
    measure: 'tokens by cached Basic',
    unit: 'token',
    work: ({ peer, authorization }) =>
      asked(`${peer.url}/token?service=berth&scope=${scope}`, { headers: { authorization }, connections: 32 }),
  },
  {
    measure: 'tokens by refresh token',
    unit: 'token',
    work: ({ peer, form }) => asked(`${peer.url}/token`, { form, connections: 32 }),
  },
  { measure: `image pushes, ${clientsAtOnce} clients`, unit: 'image', work: pushImages },
  { measure: 'tag PUT, one client', unit: 'tag', work: moveTags },
  { measure: 'blob PUT 256 MiB', unit: 'MB', work: (candidate, run) => putBlobs(candidate, run, { bytes: large }) },
  {
    measure: 'blob PATCH 256 MiB',
    unit: 'MB',
    work: (candidate, run) => putBlobs(candidate, run, { bytes: large, streamed: true }),
  },
  {
    measure: 'blob PUT 8 × 32 MiB',
    unit: 'MB',
    work: (candidate, run) => putBlobs(candidate, run, { bytes: large / 8, count: 8 }),
  },
];

async function asked(
  url: string,
  how: { headers?: Record<string, string>; form?: string; connections: number },
): Promise<Done> {
  const { requests, requestsPerSecond } = await wrk(url, { ...how, seconds: 2 });
  return { count: requests, seconds: requests / requestsPerSecond };
}

async function pushImages({ peer }: Candidate, run: string): Promise<Done> {
  const clients = Array.from({ length: clientsAtOnce }, (_, client) =>
    Array.from({ length: imagesOfClient }, (_unused, n) => {
      const name = `push-${run}-${client}-${n}`;
      return uploadsOf(name, buildImage({ seed: name, layers: [16_384, 16_384, 16_384] }));
    }).flat(),
  );
  return { count: clientsAtOnce * imagesOfClient, seconds: await secondsToPush(peer, repository, clients) };
}

async function moveTags({ peer }: Candidate, run: string): Promise<Done> {
  const moves = Array.from({ length: tagsMoved }, (_, n) => ({ tag: `moved-${run}-${n}`, manifest: image.manifest }));
  return { count: tagsMoved, seconds: await secondsToPush(peer, repository, [moves]) };
}

/** Blobs at once, each from a client of its own, in one request or as docker streams them. */
async function putBlobs(
  { client }: Candidate,
  run: string,
  { bytes, count = 1, streamed = false }: { bytes: number; count?: number; streamed?: boolean },
): Promise<Done> {
  const memory = await mkdtemp('/dev/shm/berth-bench-');
  try {
    const blobs: { file: string; digest: string }[] = [];
    for (let n = 0; n < count; n++) {
      const source = new BlobSource(`${run}/${bytes}/${streamed}/${n}`, bytes);
      const file = join(memory, `${n}`);
      await writeFile(file, source.stream());
      blobs.push({ file, digest: source.digest });
    }
    await mustRun('sync', ['--file-system', tmpdir()]); // nobody pays for what was written before
    const started = performance.now();
    await Promise.all(blobs.map((blob) => (streamed ? patchBlob(client, blob) : putBlob(client, blob))));
    return { count: (bytes * count) / 1e6, seconds: (performance.now() - started) / 1000 };
  } finally {
    await rm(memory, { recursive: true });
  }
}

async function putBlob(client: RegistryClient, { file, digest }: { file: string; digest: string }): Promise<void> {
  const { location } = await client.startUpload(repository);
  await sendFile(client, repository, { method: 'PUT', file, location: finishAt(location, digest) });
}

async function patchBlob(client: RegistryClient, { file, digest }: { file: string; digest: string }): Promise<void> {
  const { location } = await client.startUpload(repository);
  const next = await sendFile(client, repository, { method: 'PATCH', file, headers: chunked, location });
  const { status } = await client.finishUpload(repository, next, digest);
  if (status !== 201) throw new Error(`PUT answered ${status}`);
}
