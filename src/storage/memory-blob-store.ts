import { Readable, type Writable } from 'node:stream';
import { clock } from '../async/clock.js';
import { Failure } from '../errors/failure.js';
import type { ByteRange } from '../oci/byte-range.js';
import type { Digest } from '../oci/digest.js';
import { BlobStore, type OpenBlob, type StoredBlob } from './blob-store.js';
import { MemoryUpload } from './memory-upload-spool.js';
import type { SealedUpload } from './upload-spool.js';

/** The memory twin of `DiskBlobStore`, for tests. */
export class MemoryBlobStore extends BlobStore {
  readonly #blobs = new Map<Digest, { readonly bytes: Buffer; readonly modifiedAt: Date }>();

  override async stat(digest: Digest): Promise<{ size: number } | undefined> {
    const blob = this.#blobs.get(digest);
    return blob && { size: blob.bytes.length };
  }

  override async open(digest: Digest): Promise<OpenBlob | undefined> {
    const bytes = this.#blobs.get(digest)?.bytes;
    return (
      bytes && {
        size: bytes.length,
        async send(to: Writable, range?: ByteRange) {
          await new Promise<void>((resolve, reject) => {
            to.write(slice(bytes, range), (error) => (error ? reject(error) : resolve()));
          });
        },
        async close() {},
      }
    );
  }

  override async read(digest: Digest, range?: ByteRange): Promise<Readable> {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) throw new Failure('BLOB_UNKNOWN', { detail: digest });
    return Readable.from([slice(blob.bytes, range)]);
  }

  override async adopt(digest: Digest, upload: SealedUpload): Promise<void> {
    if (!(upload instanceof MemoryUpload)) throw new TypeError('a memory blob store adopts uploads of a memory spool');
    if (upload.digest !== digest) throw new Failure('DIGEST_INVALID', { detail: digest });
    this.#blobs.set(digest, { bytes: upload.bytes, modifiedAt: new Date(clock.wall()) });
  }

  override async verify(): Promise<boolean> {
    return true;
  }

  override async delete(digest: Digest): Promise<void> {
    this.#blobs.delete(digest);
  }

  override async *list(): AsyncIterable<StoredBlob> {
    for (const [digest, { bytes, modifiedAt }] of this.#blobs) {
      yield { digest, size: bytes.length, modifiedAt };
    }
  }
}

function slice(bytes: Buffer, range?: ByteRange): Buffer {
  return range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
}
