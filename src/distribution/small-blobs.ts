import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { ReadCache } from '../async/read-cache.js';
import { Failure, isFailure } from '../errors/failure.js';
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.js';
import { BlobStore } from '../storage/blob-store.js';

/** Blobs up to this many bytes, configs above all, are sent from memory: opening a file costs more than sending it. */
export const smallBlob = 64 * 1024;
/** Most bytes of blobs remembered between requests. */
const cacheBytes = 16 * 1024 * 1024;
/** What an entry takes beside the bytes, about. */
const entryBytes = 256;

/** Small blobs, read once and remembered. Content never changes; whether somebody may have it is asked elsewhere. */
@Injectable()
export class SmallBlobs {
  readonly #cache = new ReadCache<Digest, Buffer>(cacheBytes, (bytes) => entryBytes + bytes.length);

  constructor(private readonly blobs: BlobStore) {}

  /** Returns immediately if remembered. Throws CONTENT_DAMAGED when the stored bytes do not have this digest, or are not there. */
  read(digest: Digest): Buffer | Promise<Buffer> {
    return this.#cache.get(digest) ?? this.#cache.fill(digest, () => this.#readVerified(digest));
  }

  async #readVerified(digest: Digest): Promise<Buffer> {
    const bytes = await this.#stored(digest);
    if (bytes === undefined || digestOf(bytes, digestAlgorithm(digest)) !== digest) {
      await this.blobs.verify(digest);
      throw new Failure('CONTENT_DAMAGED', { cause: new Error(`the stored bytes of blob ${digest} are damaged`) });
    }
    return bytes;
  }

  async #stored(digest: Digest): Promise<Buffer | undefined> {
    try {
      return await buffer(await this.blobs.read(digest));
    } catch (error) {
      if (isFailure(error, 'BLOB_UNKNOWN')) return undefined;
      throw error;
    }
  }
}
