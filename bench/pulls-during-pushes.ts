import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Berth, startBerth } from '../test/support/berth.js';
import { Background, mustRun } from '../test/support/child.js';
import { buildImage, MiB } from '../test/support/images.js';
import { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { percentile } from './support/latencies.js';
import { print, type Row } from './support/row.js';
import { slowDisk } from './support/slow-disk.js';

const repository = 'bench/app';
const pulled = buildImage({ seed: 'pulled', layers: [1_000] });
const puller = fileURLToPath(new URL('./support/puller.js', import.meta.url));
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** What a manifest GET takes at the 99th percentile, in milliseconds, while `work` runs. */
async function pullsDuring(berth: Berth, work: () => Promise<unknown>): Promise<number> {
  const token = await berth.token(berth.admin.username, berth.admin.password, `repository:${repository}:pull`);
  const path = `/v2/${repository}/manifests/v1`;
  const child = new Background(process.execPath, [puller, berth.url, path, `Bearer ${token}`], { env: {} });
  await child.waitFor(/pulling/);
  await work();
  child.signal('SIGTERM');
  await child.ended;
  return percentile(JSON.parse(child.output.slice(child.output.indexOf('['))), 0.99);
}

const idle = () => new Promise((resolve) => setTimeout(resolve, 2_000));

/** 8 blobs of 128 MiB at once. */
async function pushLarge(client: RegistryClient, seed: string): Promise<void> {
  const blobs = Array.from({ length: 8 }, (_, n) => new BlobSource(`${seed}/${n}`, 128 * MiB));
  await Promise.all(
    blobs.map(async (blob) => {
      const written = await client.append(repository, (await client.startUpload(repository)).location, blob.stream());
      const { status } = await client.finishUpload(repository, written.location, blob.digest);
      if (status !== 201) throw new Error(`PUT answered ${status}`);
    }),
  );
}

/** Images of three small layers by 8 clients, for two seconds. */
async function pushSmall(client: RegistryClient, seed: string): Promise<void> {
  const end = performance.now() + 2_000;
  await Promise.all(
    Array.from({ length: 8 }, async (_, pusher) => {
      for (let n = 0; performance.now() < end; n++) {
        const image = buildImage({ seed: `${seed}/${pusher}/${n}`, layers: [16_384, 16_384, 16_384] });
        await client.push(repository, `push-${pusher}-${n}`, image);
      }
    }),
  );
}

const row = { unit: 'ms', better: 'less' } as const;
const rows: Row[] = [];

async function measure(disk: string, env: Record<string, string>, bar: number, works: Record<string, Work>) {
  const berth = await startBerth({ env: { BERTH_TOKEN_SECONDS: '3600', ...env } });
  const client = await RegistryClient.open(berth.url, berth.admin, agent);
  await client.push(repository, 'v1', pulled);
  rows.push({
    ...row,
    measure: `manifest GET p99, ${disk}, nothing else`,
    figures: { berth: [await pullsDuring(berth, idle)] },
  });
  for (const [name, work] of Object.entries(works)) {
    const figures: number[] = [];
    for (let round = 0; round < 3; round++) {
      if (work === pushLarge && round > 0) break; // a GiB is enough
      figures.push(await pullsDuring(berth, () => work(client, `${name}/${round}`)));
    }
    rows.push({
      ...row,
      measure: `manifest GET p99, ${disk}, ${name}`,
      figures: { berth: figures },
      bar: { atMost: bar },
    });
  }
  await berth.stop();
}

type Work = (client: RegistryClient, seed: string) => Promise<void>;
const small = { 'image pushes by 8 clients': pushSmall };
await measure('disk as it is', {}, 50, { ...small, '8 × 128 MiB pushed': pushLarge });
await mustRun('sync', ['--file-system', tmpdir()]);
const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const slow = await slowDisk(directory, 20);
if (slow) await measure('syncs 20 ms slower', slow, 10, small);
await rm(directory, { recursive: true });
agent.destroy();
print(rows);
