import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../errors/failure.js';
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex } from '../oci/digest.js';
import { BlockWriter } from './block-writer.js';
import { diskFailure, unlessMissing } from './disk-failure.js';
import { checkOffset, ReceivedBytes } from './received-bytes.js';
import { type AppendOptions, SealedUpload, type SessionId, UploadSpool } from './upload-spool.js';

const sessionId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const sealedSuffix = '.sealed';
/** Bytes hashed between two turns of the event loop when a digest is computed from disk: well below a millisecond. */
const rehashBlock = 1 << 20;

/** A sealed upload that is a file on the same file system as the blobs. */
export class DiskUpload extends SealedUpload {
  constructor(
    digest: Digest,
    size: number,
    readonly path: string,
  ) {
    super(digest, size);
  }
}

interface Upload {
  readonly algorithm: DigestAlgorithm;
  size: number;
  /** Hash of exactly `size` bytes; undefined when it has to be computed from disk (after a restart or a rollback). */
  hash: Hash | undefined;
  /** Whether the file exists. It is made when the first bytes come: an upload nobody continues costs no disk access. */
  onDisk: boolean;
  /** Whether somebody writes or seals. */
  busy: boolean;
}

/**
 * Uploads as files:
 * ```
 * <directory>/<session id>          bytes so far, appended to, mode 0600
 * <directory>/<session id>.sealed   verified and durable, about to be renamed to its blob
 * ```
 */
export class DiskUploadSpool extends UploadSpool {
  /** What is known beyond the files. An upload of an earlier process is added when it is first asked for. */
  readonly #uploads = new Map<SessionId, Upload>();

  constructor(private readonly directory: string) {
    super();
  }

  override async create(algorithm: DigestAlgorithm = 'sha256'): Promise<SessionId> {
    const id = randomUUID();
    this.#uploads.set(id, { algorithm, size: 0, hash: createHash(algorithm), onDisk: false, busy: false });
    return id;
  }

  override async append(id: SessionId, source: Readable, options: AppendOptions = {}): Promise<number> {
    return await this.#exclusively(id, async (upload) => {
      checkOffset(upload.size, options);
      const file = await this.#open(id, upload);
      try {
        await receive(file, upload, source, options);
      } finally {
        await this.#closeDurably(id, file);
      }
      return upload.size;
    });
  }

  override async size(id: SessionId): Promise<number | undefined> {
    return (await this.#find(id))?.size;
  }

  override async seal(id: SessionId, digest: Digest): Promise<SealedUpload> {
    return await this.#exclusively(id, async (upload) => {
      if ((await this.#digestHex(id, upload, digestAlgorithm(digest))) !== digestHex(digest)) {
        throw new Failure('DIGEST_INVALID', { message: 'the uploaded bytes do not have this digest', detail: digest });
      }
      const path = this.#path(id) + sealedSuffix;
      await unlessGone(rename(this.#path(id), path));
      this.#uploads.delete(id);
      return new DiskUpload(digest, upload.size, path);
    });
  }

  override async discard(id: SessionId): Promise<void> {
    if (!sessionId.test(id)) {
      return;
    }
    this.#uploads.delete(id);
    await rm(this.#path(id), { force: true });
    await rm(this.#path(id) + sealedSuffix, { force: true });
  }

  override async *list(): AsyncIterable<{ readonly id: SessionId; readonly modifiedAt: Date }> {
    const entries = await unlessMissing(opendir(this.directory));
    for await (const { name } of entries ?? []) {
      const id = name.endsWith(sealedSuffix) ? name.slice(0, -sealedSuffix.length) : name;
      const file = sessionId.test(id) ? await unlessMissing(stat(join(this.directory, name))) : undefined;
      if (file !== undefined) {
        yield { id, modifiedAt: file.mtime };
      }
    }
  }

  #path(id: SessionId): string {
    return join(this.directory, id);
  }

  async #find(id: SessionId): Promise<Upload | undefined> {
    const known = this.#uploads.get(id);
    if (known !== undefined || !sessionId.test(id)) {
      return known;
    }
    const file = await unlessMissing(stat(this.#path(id)));
    if (file === undefined) {
      return undefined;
    }
    const upload = this.#uploads.get(id) ?? {
      algorithm: 'sha256',
      size: file.size,
      hash: undefined,
      onDisk: true,
      busy: false,
    };
    this.#uploads.set(id, upload);
    return upload;
  }

  /** Runs `work` as the only one who changes the upload. */
  async #exclusively<T>(id: SessionId, work: (upload: Upload) => Promise<T>): Promise<T> {
    const upload = await this.#find(id);
    if (upload === undefined) {
      throw new Failure('BLOB_UPLOAD_UNKNOWN');
    }
    if (upload.busy) {
      throw new Failure('RANGE_INVALID', { message: 'another request is writing to this upload' });
    }
    upload.busy = true;
    try {
      return await work(upload);
    } finally {
      upload.busy = false;
    }
  }

  async #open(id: SessionId, upload: Upload): Promise<FileHandle> {
    const path = this.#path(id);
    if (upload.onDisk) {
      return await unlessGone(open(path, 'r+'));
    }
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      const file = await open(path, 'wx+', 0o600);
      upload.onDisk = true;
      return file;
    } catch (error) {
      throw diskFailure(error);
    }
  }

  async #closeDurably(id: SessionId, file: FileHandle): Promise<void> {
    try {
      await file.datasync();
    } catch (error) {
      // What a failed sync could not write is forgotten by the kernel, and a later sync would succeed without it.
      await this.discard(id);
      throw diskFailure(error);
    } finally {
      await file.close();
    }
  }

  async #digestHex(id: SessionId, upload: Upload, algorithm: DigestAlgorithm): Promise<string> {
    if (upload.hash !== undefined && upload.algorithm === algorithm && upload.onDisk) {
      return upload.hash.copy().digest('hex');
    }
    const file = await this.#open(id, upload);
    try {
      return await hashFile(file, algorithm);
    } finally {
      await file.close();
    }
  }
}

/** Appends `source` to the file. The upload ends up as it was before, or with exactly the bytes that came. */
async function receive(file: FileHandle, upload: Upload, source: Readable, options: AppendOptions): Promise<void> {
  const start = upload.size;
  const hash = upload.hash;
  upload.hash = undefined;
  const writer = new BlockWriter(file, start);
  const received = new ReceivedBytes(start, options);
  let interruption: { readonly error: unknown } | undefined;
  try {
    try {
      // The request stays open when we stop early: its answer still has to go out.
      for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        received.add(chunk.length);
        hash?.update(chunk);
        if (writer.push(chunk)) {
          await writer.flush();
        }
      }
      received.checkComplete();
    } catch (error) {
      if (error instanceof Failure) {
        throw error;
      }
      interruption = { error };
    }
    await writer.end();
  } catch (error) {
    await writer.abandon();
    await file.truncate(start);
    throw error;
  }
  upload.size = start + received.bytes;
  upload.hash = hash;
  if (interruption !== undefined) {
    throw interruption.error;
  }
}

async function hashFile(file: FileHandle, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm);
  const block = Buffer.allocUnsafe(rehashBlock);
  try {
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(block, 0, block.length, position);
      if (bytesRead === 0) {
        return hash.digest('hex');
      }
      hash.update(block.subarray(0, bytesRead));
      position += bytesRead;
    }
  } catch (error) {
    throw diskFailure(error);
  }
}

/** An upload whose file is missing was discarded by somebody else meanwhile. */
async function unlessGone<T>(work: Promise<T>): Promise<T> {
  const result = await unlessMissing(work.then((value) => ({ value })));
  if (result === undefined) {
    throw new Failure('BLOB_UPLOAD_UNKNOWN');
  }
  return result.value;
}
