import type { Digest } from '../oci/digest.js';
import { SealedUpload } from './upload-spool.js';

/** A sealed upload that is a file on the same file system as the blobs, or is to be written to one. */
export class DiskUpload extends SealedUpload {
  constructor(
    digest: Digest,
    size: number,
    readonly path: string,
    /** When there are any, nothing is on the disk yet. */
    bytes?: Uint8Array,
    /** To be called when they are not needed any more: their memory counts until then. */
    readonly release: () => void = () => undefined,
  ) {
    super(digest, size, bytes);
  }
}
