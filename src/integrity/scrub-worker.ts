import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { clock } from '../async/clock.js';
import type { Digest } from '../oci/digest.js';
import { DiskBlobStore } from '../storage/disk-blob-store.js';

/** What one step of the scrubber reads. */
export interface ScrubOrder {
  readonly dataDir: string;
  /** First two hexadecimal digits of the digests. */
  readonly prefixes: readonly string[];
}

/** A blob that was found damaged, or how many of the parts are done. */
export type Scrubbed = { readonly digest: Digest } | { readonly done: number };

/** How many times as long as it reads the thread rests, so that the disk is free for others. */
const rest = 3;

const { dataDir, prefixes } = workerData as ScrubOrder;
const store = new DiskBlobStore(dataDir);
let worked = clock.steady();

async function pace(): Promise<void> {
  await delay((clock.steady() - worked) * rest);
  worked = clock.steady();
}

for (const [place, prefix] of prefixes.entries()) {
  for await (const { digest } of store.list(prefix)) {
    const { condition } = await store.check(digest, { setAside: true, pace });
    if (condition === 'damaged') parentPort?.postMessage({ digest } satisfies Scrubbed);
    await pace();
  }
  parentPort?.postMessage({ done: place + 1 } satisfies Scrubbed);
}
