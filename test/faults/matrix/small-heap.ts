import assert from 'node:assert/strict';
import { get } from 'node:http';
import { BlobSource } from '../../../bench/support/blob-source.js';
import { residentMegabytes } from '../../../bench/support/memory.js';
import { type Berth, startBerth } from '../../support/berth.js';
import { MiB } from '../../support/images.js';
import { RegistryClient } from '../../support/registry-client.js';
import { expectSound } from './acknowledged.js';
import type { Fault } from './fault.js';

const repository = 'heap/app';
/** MB that the process may take in all. */
const most = 350;

/** Does all of it, so many at a time. */
async function atOnce<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
}

async function push(client: RegistryClient, blob: BlobSource): Promise<void> {
  const { location } = await client.startUpload(repository);
  const written = await client.append(repository, location, blob.stream());
  assert.equal((await client.finishUpload(repository, written.location, blob.digest)).status, 201);
}

/** Pulls without keeping anything. */
function pull(berth: Berth, token: string | undefined, { digest, size }: BlobSource): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(`${berth.url}/v2/${repository}/blobs/${digest}`, { headers, agent: false }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () => (bytes === size ? resolve() : reject(new Error(`${bytes} of ${size} bytes`))));
    }).on('error', reject);
  });
}

export const smallHeap: Fault = {
  id: 'F26',
  title: 'a heap of 192 MB',
  tools: [],
  async run(full) {
    const berth = await startBerth({ env: { NODE_OPTIONS: '--max-old-space-size=192' } });
    const client = await RegistryClient.open(berth.url, berth.admin);
    const size = (full ? 200 : 40) * MiB;
    const blobs = Array.from({ length: full ? 20 : 4 }, (_, index) => new BlobSource(`heap ${index}`, size));
    await atOnce(blobs, 20, (blob) => push(client, blob));
    const pulls = Array.from({ length: full ? 100 : 20 }, (_, index) => blobs[index % blobs.length]).filter(
      (blob) => blob !== undefined,
    );
    const token = await client.token(`repository:${repository}:pull`);
    await atOnce(pulls, full ? 100 : 20, (blob) => pull(berth, token, blob));
    const { peak } = await residentMegabytes(berth.pid);
    assert.ok(peak < most, `${peak} MB resident`);
    await expectSound(berth.dataDir);
    await berth.stop();
    return `${blobs.length} × ${size / MiB} MiB pushed at once, ${pulls.length} pulls at once: at most ${Math.round(peak)} MB resident`;
  },
};
