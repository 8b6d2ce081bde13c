import { type Digest, digestOf } from '../oci/digest.js';
import { MediaTypes } from '../oci/media-type.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { MemoryBlobStore } from '../storage/memory-blob-store.js';
import type { Blobs } from './blobs.js';
import { ConfigBlobs } from './config-blobs.js';

test('of configs of a few bytes no more are remembered than take their memory', async () => {
  const blobs = { find: () => ({ size: 20 }) } as unknown as Blobs;
  const configs = new ConfigBlobs(blobs, new MemoryBlobStore()); // empty: what is found was remembered
  const digests: Digest[] = [];
  for (let i = 0; i < 10_000; i++) {
    const bytes = Buffer.from(`{"author":"${i}"}`);
    const digest = digestOf(bytes, 'sha256');
    configs.note(digest, bytes);
    digests.push(digest);
    await Promise.resolve();
  }
  const found: boolean[] = [];
  for (const digest of digests) {
    const config = { mediaType: MediaTypes.ociConfig, digest };
    found.push((await configs.find('team/app' as RepositoryName, config)) !== undefined);
  }
  expect(found.at(-1)).toBe(true);
  expect(found.filter(Boolean).length).toBeLessThanOrEqual(4_096);
});
