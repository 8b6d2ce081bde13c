import type { Content } from '../../support/images.js';
import { content, randomBytesOf } from '../../support/images.js';
import type { RegistryClient } from '../../support/registry-client.js';

/** `size` bytes that no other seed gives. */
export function blobOf(seed: string, size: number): Content {
  return content('', randomBytesOf(seed, size));
}

/** POST and PUT with everything; the status of the PUT. */
export async function put(client: RegistryClient, repository: string, blob: Content): Promise<number> {
  const started = await client.startUpload(repository);
  if (started.status !== 202) return started.status;
  return (await client.finishUpload(repository, started.location, blob.digest, blob.bytes)).status;
}
