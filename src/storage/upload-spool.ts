import type { Readable } from 'node:stream';
import type { Digest, DigestAlgorithm } from '../oci/digest.js';

/** Names one upload session: a random UUID, so it can neither be guessed nor be a path. */
export type SessionId = string;

/** Verified bytes waiting for `BlobStore.adopt`, which makes them durable. Made by a spool, opaque to everybody else. */
export abstract class SealedUpload {
  constructor(
    readonly digest: Digest,
    /** Bytes. */
    readonly size: number,
    /** All of them, when they are so few that they are in memory still. */
    readonly bytes?: Uint8Array,
  ) {}
}

/** An upload that was written to the disk. */
export interface SpooledFile {
  readonly id: SessionId;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

export interface AppendOptions {
  /** The offset the writer believes it continues at; any other offset is RANGE_INVALID and nothing is written. */
  readonly expectedOffset?: number;
  /** The number of bytes the writer announced; any other number is SIZE_INVALID and the offset stays where it was. */
  readonly expectedBytes?: number;
  /** The most bytes the whole upload may have; one more is BLOB_TOO_LARGE. */
  readonly maxSize?: number;
  /** Told of bytes before they go to the disk, in large pieces; what it throws ends the append, as if nothing of it had come. */
  readonly claim?: (bytes: number) => void;
}

/** Bytes on their way in. Always local disk, so object stores need neither append nor rename. */
export abstract class UploadSpool {
  /** Starts an empty upload. `algorithm` only says which digest is computed while bytes arrive; any may be sealed. */
  abstract create(algorithm?: DigestAlgorithm): Promise<SessionId>;
  /**
   * Appends what `source` yields and resolves with the new size. The bytes are durable then, unless they are so few that
   * the upload does not outlive the process. One writer at a time: a second gets RANGE_INVALID. When `source` fails half-way, the bytes that came stay, and the upload can be resumed.
   * Throws BLOB_UPLOAD_UNKNOWN, RANGE_INVALID, SIZE_INVALID, BLOB_TOO_LARGE, STORAGE_FULL, STORAGE_UNAVAILABLE,
   * or the error of `source`, whose chunks are of no use to anybody afterwards: their memory may be gone.
   */
  abstract append(id: SessionId, source: Readable, options?: AppendOptions): Promise<number>;
  /** Bytes so far, or undefined when there is no such upload. */
  abstract size(id: SessionId): Promise<number | undefined>;
  /** Whether the upload is still there when the process starts again. Once it is so, it stays so. */
  abstract outlives(id: SessionId): boolean;
  /**
   * Ends the upload: the bytes must have this digest. Throws DIGEST_INVALID (the upload stays until it is discarded),
   * BLOB_UPLOAD_UNKNOWN, RANGE_INVALID while somebody still writes.
   */
  abstract seal(id: SessionId, digest: Digest): Promise<SealedUpload>;
  /** Nothing of the upload is left, and whoever writes or seals it gets BLOB_UPLOAD_UNKNOWN, a writer at once. Idempotent. */
  abstract discard(id: SessionId): Promise<void>;
  /** Every upload with bytes that outlive the process and is neither adopted nor discarded, whoever left it behind. */
  abstract list(): AsyncIterable<SpooledFile>;
}
