import { randomUUID } from 'node:crypto';
import { mkdir, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../errors/failure.js';
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex } from '../oci/digest.js';
import { BlockCollector } from './block-collector.js';
import { BlockPool } from './block-pool.js';
import type { DigestThreads } from './digest-threads.js';
import { diskFailure, unlessMissing } from './disk-failure.js';
import { checkOffset, ReceivedBytes } from './received-bytes.js';
import type { RunningHash } from './running-hash.js';
import { SyncedFile } from './synced-file.js';
import { type AppendOptions, SealedUpload, type SessionId, UploadSpool } from './upload-spool.js';

const sessionId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const sealedSuffix = '.sealed';

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
  /** Of exactly `size` bytes; undefined before the first and when it has to be computed from disk (after a restart). */
  hash: RunningHash | undefined;
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

  /** @param threads compute the digests of large uploads; ending them is the caller's business */
  constructor(
    private readonly directory: string,
    private readonly threads: DigestThreads,
    private readonly blocks = new BlockPool(),
  ) {
    super();
  }

  override async create(algorithm: DigestAlgorithm = 'sha256'): Promise<SessionId> {
    const id = randomUUID();
    this.#uploads.set(id, { algorithm, size: 0, hash: undefined, onDisk: false, busy: false });
    return id;
  }

  override async append(id: SessionId, source: Readable, options: AppendOptions = {}): Promise<number> {
    return await this.#exclusively(id, async (upload) => {
      checkOffset(upload.size, options);
      const file = await this.#open(id, upload);
      try {
        await this.#receive(file, upload, source, options);
      } finally {
        await this.#close(id, file);
      }
      return upload.size;
    });
  }

  override async size(id: SessionId): Promise<number | undefined> {
    return (await this.#find(id))?.size;
  }

  override async seal(id: SessionId, digest: Digest): Promise<SealedUpload> {
    return await this.#exclusively(id, async (upload) => {
      const computed = await this.#digestHex(id, upload, digestAlgorithm(digest));
      if (computed !== digestHex(digest)) {
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
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    if (upload?.busy === false) {
      upload.hash?.drop();
    }
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
      if (this.#uploads.get(id) !== upload) {
        // Sealed, or discarded meanwhile by somebody else.
        upload.hash?.drop();
      }
    }
  }

  async #open(id: SessionId, upload: Upload): Promise<SyncedFile> {
    const path = this.#path(id);
    if (upload.onDisk) {
      return await unlessGone(SyncedFile.open(path, 'r+'));
    }
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      const file = await SyncedFile.open(path, 'wx+', 0o600);
      upload.onDisk = true;
      return file;
    } catch (error) {
      throw diskFailure(error);
    }
  }

  async #close(id: SessionId, file: SyncedFile): Promise<void> {
    try {
      await file.close();
    } catch (error) {
      // Nobody knows which bytes are missing now.
      await this.discard(id);
      throw error;
    }
  }

  /** Appends `source` to the file. The upload ends up as it was before, or with exactly the bytes that came. */
  async #receive(file: SyncedFile, upload: Upload, source: Readable, options: AppendOptions): Promise<void> {
    const start = upload.size;
    let size = start;
    let hash = upload.hash;
    upload.hash = undefined;
    const collector = new BlockCollector(this.blocks, async (chunks, bytes) => {
      if (size === 0) {
        hash = this.threads.open(upload.algorithm);
      }
      const position = size;
      size += bytes;
      await allDone(file.write(chunks, position), hash?.update(chunks));
    });
    let interruption: { readonly error: unknown } | undefined;
    try {
      interruption = await collect(source, collector, new ReceivedBytes(start, options));
      await collector.end();
    } catch (error) {
      await collector.abandon();
      hash?.drop();
      await file.truncate(start);
      throw diskFailure(error);
    }
    upload.size = size;
    upload.hash = hash;
    if (interruption !== undefined) {
      throw interruption.error;
    }
  }

  async #digestHex(id: SessionId, upload: Upload, algorithm: DigestAlgorithm): Promise<string> {
    if (upload.hash !== undefined && upload.algorithm === algorithm) {
      return await upload.hash.hex();
    }
    const file = await this.#open(id, upload);
    const hash = this.threads.open(algorithm);
    const block = await this.blocks.take();
    try {
      for (let position = 0; ; ) {
        const bytes = await file.read(block, position);
        if (bytes === 0) {
          return await hash.hex();
        }
        await hash.update([block.subarray(0, bytes)]);
        position += bytes;
      }
    } catch (error) {
      throw diskFailure(error);
    } finally {
      this.blocks.give(block);
      hash.drop();
      await file.close();
    }
  }
}

/** Feeds the collector until the source ends, or answers why it broke off. Throws when the bytes are not as announced. */
async function collect(
  source: Readable,
  collector: BlockCollector,
  received: ReceivedBytes,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    // The source stays open when we stop early: it is a request whose answer still has to go out.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received.add(chunk.length);
      await collector.add(chunk);
    }
    received.checkComplete();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) {
      throw error;
    }
    return { error };
  }
}

/** Waits for all of them even when one fails, so that nothing is under way any more. */
async function allDone(...works: readonly (Promise<void> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === 'rejected') {
      throw diskFailure(result.reason);
    }
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
