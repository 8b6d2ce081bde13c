import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex } from '../oci/digest.js';

/** Where the blobs of CNCF Distribution's layout lie below a data directory. */
export const blobsFolder = join('docker', 'registry', 'v2', 'blobs');

/** The file of a blob below {@link blobsFolder}, `sha256/ab/ab…/data`: made of the digest and of nothing else. */
export function blobPath(digest: Digest): string {
  const hex = digestHex(digest);
  return join(digestAlgorithm(digest), hex.slice(0, 2), hex, 'data');
}
