import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { mustRun } from '../test/support/child.js';
import { MiB } from '../test/support/images.js';
import { until } from '../test/support/ports.js';
import type { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { chunked, finishAt, sendFile } from './support/curl.js';
import { timeOf } from './support/latencies.js';
import { growthDuring } from './support/memory.js';
import { startBerthPeer } from './support/peers.js';
import { print, type Row } from './support/row.js';

/** `npm run bench -- large-layer 512` where the disk has no room for two files of 5 GiB. */
const mebibytes = Number(process.argv[2] ?? 5120);
const size = mebibytes * MiB;
const repository = 'bench/app';
const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const file = join(directory, 'layer');
const source = new BlobSource('large', size);
await writeFile(file, source.stream());

/** One PATCH of unknown length, PUT. */
async function patched(client: RegistryClient): Promise<void> {
  const { location } = await client.startUpload(repository);
  await finish(client, await sendFile(client, repository, { method: 'PATCH', file, headers: chunked, location }));
}

/** Everything in one PUT. */
async function monolithic(client: RegistryClient): Promise<void> {
  const { location } = await client.startUpload(repository);
  await sendFile(client, repository, { method: 'PUT', file, location: finishAt(location, source.digest) });
}

/**
 * A PATCH whose connection breaks when four fifths are sent. The client asks where the session stands, sends half of what is missing
 * with a Content-Range, the other half as a stream of unknown length, and PUTs.
 */
async function resumed(client: RegistryClient): Promise<void> {
  const cut = Math.floor((size * 4) / 5);
  const { location } = await client.startUpload(repository);
  await cutOff(client, location, cut);

  let next = location;
  let offset = 0;
  await until('the session goes on', async () => {
    const { status, headers } = await client.uploadStatus(repository, location);
    if (status !== 204) throw new Error(`GET of the session answered ${status}`);
    offset = Number(/^0-(\d+)$/.exec(headers.range ?? '')?.[1]) + 1;
    const end = offset + Math.floor((size - offset) / 2);
    const answer = await client.append(repository, location, part(offset, end), {
      headers: { 'content-range': `${offset}-${end - 1}`, 'content-length': end - offset },
    });
    if (answer.status === 416) return false; // the old connection was still dying when we asked
    if (answer.status !== 202) throw new Error(`PATCH answered ${answer.status}`);
    next = (await client.append(repository, answer.location, part(end, size))).location;
    return true;
  });
  console.log(`cut after ${cut} bytes; the session stood at ${offset}`);
  await finish(client, next);
}

async function cutOff(client: RegistryClient, location: string, bytes: number): Promise<void> {
  const line = new AbortController();
  async function* body(): AsyncGenerator<Buffer> {
    yield* part(0, bytes);
    line.abort();
  }
  const answer = client.append(repository, location, Readable.from(body(), { objectMode: false }), {
    signal: line.signal,
  });
  const outcome = await answer.catch(() => 'cut');
  if (outcome !== 'cut') throw new Error(`a PATCH that never ended answered ${outcome}`);
}

const part = (from: number, to: number) => createReadStream(file, { start: from, end: to - 1, highWaterMark: MiB });

async function finish(client: RegistryClient, location: string): Promise<void> {
  const { status } = await client.finishUpload(repository, location, source.digest);
  if (status !== 201) throw new Error(`PUT answered ${status}`);
}

/** Pulls the layer and throws unless every byte came back. */
async function pulled(client: RegistryClient): Promise<void> {
  const token = await client.token(`repository:${repository}:pull`);
  const address = `${client.origin}/v2/${repository}/blobs/${source.digest}`;
  const curl = spawn('curl', ['--silent', '--fail', '--header', `Authorization: Bearer ${token}`, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hash = createHash('sha256');
  for await (const chunk of curl.stdout) hash.update(chunk);
  const digest = `sha256:${hash.digest('hex')}`;
  if (digest !== source.digest) throw new Error(`pushed ${source.digest}, pulled ${digest}`);
}

/** What the bytes cost without a registry: a durable copy, and its digest. Berth may take 1.3 times as long. */
async function copied(): Promise<void> {
  const copy = join(directory, 'copy');
  await mustRun('cp', [file, copy], { timeoutMs: 3_600_000 });
  await mustRun('sync', [copy]);
  await mustRun('sha256sum', [copy], { timeoutMs: 3_600_000 });
  await rm(copy);
}

const settle = () => mustRun('sync', ['--file-system', tmpdir()]); // nobody pays for what was written before
const growth = { unit: 'MB', better: 'less', bar: { atMost: 64 } } as const;
const time = { unit: 's', better: 'less', bar: { ratio: 0.77 } } as const;
const rows: Row[] = [];

/** Each on a process that took no push before, and on an empty disk. */
for (const [name, push] of Object.entries({ PATCH: patched, PUT: monolithic, 'PATCH, cut, resumed': resumed })) {
  await settle();
  const alone = push === resumed ? Number.NaN : (await timeOf(copied)) / 1000;
  await settle();
  const peer = await startBerthPeer();
  const client = await peer.client();
  const measure = `${mebibytes} MiB by ${name}`;
  let seconds = 0;
  const pushing = await growthDuring(peer.pid, async () => {
    seconds = (await timeOf(() => push(client))) / 1000;
  });
  const pulling = await growthDuring(peer.pid, () => pulled(client));
  rows.push({ ...growth, measure: `RSS growth, ${measure}`, figures: { berth: [pushing] } });
  rows.push({ ...growth, measure: `RSS growth, pull of ${measure}`, figures: { berth: [pulling] } });
  if (push !== resumed) rows.push({ ...time, measure, figures: { berth: [seconds], 'cp and sha256sum': [alone] } });
  await peer.stop();
}
await rm(directory, { recursive: true });
print(rows);
