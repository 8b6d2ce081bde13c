import type { Readable, Writable } from 'node:stream';
import type { ByteRange } from '../oci/byte-range.js';
import type { Digest } from '../oci/digest.js';
import type { SealedUpload } from './upload-spool.js';

/** A blob held open: its bytes stay readable even when the blob is deleted meanwhile. Whoever opened it closes it. */
export interface OpenBlob {
  /** Bytes. */
  readonly size: number;
  /**
   * Writes the bytes (all, or the inclusive range) into `to` with back-pressure and constant memory, without ending it.
   * `to` must be done with a chunk when it calls back, as sockets and responses are: the memory is used again then.
   * Rejects when `to` is destroyed early, and when the stored bytes end before they should.
   */
  send(to: Writable, range?: ByteRange): Promise<void>;
  close(): Promise<void>;
}

export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Immutable content. A digest that exists is complete, verified and durable; what turned out to be damaged does not exist. */
export abstract class BlobStore {
  /** Size in bytes, or undefined when there is no such blob. */
  abstract stat(digest: Digest): Promise<{ size: number } | undefined>;
  /** Opens a blob for sending, or undefined when there is no such blob. */
  abstract open(digest: Digest): Promise<OpenBlob | undefined>;
  /** The bytes as a stream (all, or the inclusive range). Throws BLOB_UNKNOWN. */
  abstract read(digest: Digest, range?: ByteRange): Promise<Readable>;
  /**
   * Makes a sealed upload visible under its digest. Idempotent, and takes ownership of the upload: two writers of one
   * digest both succeed. Durable when it resolves. Throws DIGEST_INVALID when the upload was sealed for another digest,
   * STORAGE_FULL, STORAGE_UNAVAILABLE.
   */
  abstract adopt(digest: Digest, upload: SealedUpload): Promise<void>;
  /** Reads a blob whole. A damaged one is not there any more, until it is pushed again; then this is false. True also when there is none. */
  abstract verify(digest: Digest): Promise<boolean>;
  /** Idempotent. */
  abstract delete(digest: Digest): Promise<void>;
  /** Every blob, in no particular order. */
  abstract list(): AsyncIterable<StoredBlob>;
}
