import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { clock } from '../async/clock.js';
import { Failure } from '../errors/failure.js';
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.js';
import { checkOffset, collect, ReceivedBytes } from './received-bytes.js';
import { type AppendOptions, SealedUpload, type SessionId, type SpooledFile, UploadSpool } from './upload-spool.js';

export class MemoryUpload extends SealedUpload {
  constructor(
    digest: Digest,
    override readonly bytes: Buffer,
  ) {
    super(digest, bytes.length, bytes);
  }
}

interface Upload {
  bytes: Buffer;
  modifiedAt: Date;
  busy: boolean;
  /** Resolved when an append is done that gets nothing more. */
  ending?: Promise<void>;
  /** Ends the append that is under way. */
  breakOff?: (failure: Failure) => void;
}

/** The memory twin of `DiskUploadSpool`, for tests. */
export class MemoryUploadSpool extends UploadSpool {
  readonly #uploads = new Map<SessionId, Upload>();

  override async create(): Promise<SessionId> {
    const id = randomUUID();
    this.#uploads.set(id, { bytes: Buffer.alloc(0), modifiedAt: new Date(clock.wall()), busy: false });
    return id;
  }

  override async append(id: SessionId, source: Readable, options: AppendOptions = {}): Promise<number> {
    const upload = await this.#claim(id);
    let end = () => {};
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      checkOffset(upload.bytes.length, options);
      const received = new ReceivedBytes(upload.bytes.length, options);
      const before = upload.bytes;
      const take = (chunk: Uint8Array) => {
        options.claim?.(chunk.length);
        upload.bytes = Buffer.concat([upload.bytes, chunk]);
        return undefined;
      };
      const receiver = {
        endedBy: (breakOff: (failure: Failure) => void) => {
          upload.breakOff = breakOff;
        },
        over: () => {
          upload.ending = done;
        },
      };
      const interruption = await collect(source, received, take, receiver).catch((error: unknown) => {
        upload.bytes = before;
        throw error;
      });
      if (interruption !== undefined) throw interruption.error;
      return upload.bytes.length;
    } finally {
      upload.modifiedAt = new Date(clock.wall());
      upload.busy = false;
      delete upload.ending;
      end();
    }
  }

  override async size(id: SessionId): Promise<number | undefined> {
    const upload = this.#uploads.get(id);
    await upload?.ending;
    return this.#uploads.get(id)?.bytes.length;
  }

  /** As long as the spool itself, which is what tests start again with. */
  override outlives(id: SessionId): boolean {
    return this.#uploads.has(id);
  }

  override async seal(id: SessionId, digest: Digest): Promise<SealedUpload> {
    const upload = await this.#claim(id);
    upload.busy = false;
    if (digestOf(upload.bytes, digestAlgorithm(digest)) !== digest)
      throw new Failure('DIGEST_INVALID', { message: 'the uploaded bytes do not have this digest', detail: digest });
    this.#uploads.delete(id);
    return new MemoryUpload(digest, upload.bytes);
  }

  override async discard(id: SessionId): Promise<void> {
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    upload?.breakOff?.(new Failure('BLOB_UPLOAD_UNKNOWN'));
  }

  override async *list(): AsyncIterable<SpooledFile> {
    for (const [id, { bytes, modifiedAt }] of this.#uploads) {
      yield { id, size: bytes.length, modifiedAt };
    }
  }

  async #claim(id: SessionId): Promise<Upload> {
    await this.#uploads.get(id)?.ending;
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new Failure('BLOB_UPLOAD_UNKNOWN');
    if (upload.busy) throw new Failure('RANGE_INVALID', { message: 'another request is writing to this upload' });
    upload.busy = true;
    return upload;
  }
}
