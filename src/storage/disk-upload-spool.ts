import { randomUUID } from 'node:crypto';
import { lstat, mkdir, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../errors/failure.js';
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex, digestOf } from '../oci/digest.js';
import { BlockPool } from './block-pool.js';
import type { DigestThreads } from './digest-threads.js';
import { diskFailure, unlessMissing } from './disk-failure.js';
import { DiskReserve } from './disk-reserve.js';
import { DiskUpload } from './disk-upload.js';
import { digestHexOfFile } from './file-digest.js';
import { FileThreads } from './file-threads.js';
import { checkOffset, collect, ReceivedBytes } from './received-bytes.js';
import { SpooledUpload } from './spooled-upload.js';
import { SyncedFile, sizeOnDisk } from './synced-file.js';
import { UploadHeads } from './upload-heads.js';
import {
  type AppendOptions,
  type SealedUpload,
  type SessionId,
  type SpooledFile,
  UploadSpool,
} from './upload-spool.js';
import { UploadWriter } from './upload-writer.js';
import { WriteBack } from './write-back.js';

const sessionId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const sealedSuffix = '.sealed';

/**
 * Uploads as files, once they are more than a few bytes:
 * ```
 * <directory>/<session id>          bytes so far, appended to, mode 0600
 * <directory>/<session id>.sealed   verified, about to be renamed to its blob
 * ```
 */
export class DiskUploadSpool extends UploadSpool {
  /** What is known beyond the files. An upload of an earlier process is added when it is first asked for. */
  readonly #uploads = new Map<SessionId, SpooledUpload>();
  readonly #heads = new UploadHeads();
  readonly #blocks = new BlockPool();
  readonly #writeBack = new WriteBack();

  /**
   * @param digests of large uploads are computed there; ending the threads is the caller's business
   * @param files are written there; the same
   */
  constructor(
    private readonly directory: string,
    private readonly digests: DigestThreads,
    private readonly files = new FileThreads(),
    private readonly reserve = new DiskReserve(directory, 0),
  ) {
    super();
  }

  override async create(algorithm: DigestAlgorithm = 'sha256'): Promise<SessionId> {
    const id = randomUUID();
    this.#uploads.set(id, new SpooledUpload(algorithm, 0, this.#heads.open()));
    return id;
  }

  override async append(id: SessionId, source: Readable, options: AppendOptions = {}): Promise<number> {
    return await this.#exclusively(id, async (upload) => {
      checkOffset(upload.size, options);
      await this.#receive(id, upload, source, options);
      return upload.size;
    });
  }

  override async size(id: SessionId): Promise<number | undefined> {
    const upload = await this.#find(id);
    await upload?.settled();
    return upload?.discarded ? undefined : upload?.size;
  }

  override outlives(id: SessionId): boolean {
    return this.#uploads.get(id)?.head === undefined;
  }

  override async seal(id: SessionId, digest: Digest): Promise<SealedUpload> {
    return await this.#exclusively(id, async (upload) => {
      const path = this.#path(id) + sealedSuffix;
      const bytes = upload.head?.bytes();
      if (bytes === undefined) {
        requireEqual(digest, await this.#digestHex(id, upload, digestAlgorithm(digest)));
        await unlessGone(rename(this.#path(id), path));
      } else {
        requireEqual(digest, digestHex(digestOf(bytes, digestAlgorithm(digest))));
      }
      this.#uploads.delete(id);
      if (bytes === undefined) upload.forget();
      return new DiskUpload(digest, upload.size, path, bytes, () => upload.forget());
    });
  }

  override async discard(id: SessionId): Promise<void> {
    if (!sessionId.test(id)) return;
    this.#end(id);
    await this.#removeFiles(id);
    // Somebody may have found the file while it was still there.
    this.#end(id);
  }

  override async *list(): AsyncIterable<SpooledFile> {
    const entries = await unlessMissing(opendir(this.directory));
    for await (const { name } of entries ?? []) {
      const id = name.endsWith(sealedSuffix) ? name.slice(0, -sealedSuffix.length) : name;
      const file = sessionId.test(id) ? await unlessMissing(lstat(join(this.directory, name))) : undefined;
      if (file !== undefined) {
        yield { id, size: file.size, modifiedAt: file.mtime };
      }
    }
  }

  #path(id: SessionId): string {
    return join(this.directory, id);
  }

  /** Nobody gets at the upload any more, and whoever is busy with it stops. */
  #end(id: SessionId): void {
    this.#uploads.get(id)?.discard();
    this.#uploads.delete(id);
  }

  async #removeFiles(id: SessionId): Promise<void> {
    await rm(this.#path(id), { force: true });
    await rm(this.#path(id) + sealedSuffix, { force: true });
  }

  async #find(id: SessionId): Promise<SpooledUpload | undefined> {
    const known = this.#uploads.get(id);
    if (known !== undefined || !sessionId.test(id)) return known;
    const size = await sizeOnDisk(this.#path(id));
    if (size === undefined) return undefined;
    const upload = this.#uploads.get(id) ?? new SpooledUpload('sha256', size, undefined);
    this.#uploads.set(id, upload);
    return upload;
  }

  /** Runs `work` as the only one who changes the upload. When it is discarded meanwhile, what came of the work is removed. */
  async #exclusively<T>(id: SessionId, work: (upload: SpooledUpload) => Promise<T>): Promise<T> {
    const upload = await this.#find(id);
    if (upload === undefined) throw new Failure('BLOB_UPLOAD_UNKNOWN');
    try {
      return await upload.exclusively(() => work(upload));
    } finally {
      if (upload.discarded) {
        await this.#removeFiles(id);
      }
    }
  }

  /**
   * Takes the bytes of `source`: into memory while they are few, into the file when they are more. The upload ends up as it
   * was before, or with exactly the bytes that came.
   */
  async #receive(id: SessionId, upload: SpooledUpload, source: Readable, options: AppendOptions): Promise<void> {
    const start = upload.size;
    const received = new ReceivedBytes(start, options);
    let writer = upload.head === undefined ? await this.#openWriter(id, upload, options) : undefined;
    const open = async (chunk: Uint8Array) => {
      writer = await this.#openWriter(id, upload, options);
      await writer.add(chunk);
    };
    const take = (chunk: Uint8Array) => {
      if (writer !== undefined) return writer.add(chunk);
      if (upload.head?.add(chunk)) {
        upload.size += chunk.length;
        return undefined;
      }
      return open(chunk);
    };
    let interruption: { readonly error: unknown } | undefined;
    try {
      interruption = await collect(source, received, take, upload);
      const written = await writer?.end();
      if (written !== undefined) {
        Object.assign(upload, written);
      }
    } catch (error) {
      await this.#undo(id, upload, start, writer);
      throw diskFailure(error);
    }
    if (writer !== undefined) {
      await this.#close(id, writer.file);
      upload.head?.truncate(0);
      upload.head = undefined;
    }
    if (interruption !== undefined) throw interruption.error;
  }

  /** Opens the file at its end, making it with what was in memory. */
  async #openWriter(id: SessionId, upload: SpooledUpload, { claim }: AppendOptions): Promise<UploadWriter> {
    const file = await this.#openFile(id, upload);
    const { hash, head } = upload;
    upload.hash = undefined;
    const before = { size: head === undefined ? upload.size : 0, hash };
    const openHash = () => this.digests.open(upload.algorithm);
    const writer = new UploadWriter(file, before, openHash, this.#blocks, this.reserve, claim);
    if (head !== undefined) {
      await writer.add(head.bytes());
    }
    return writer;
  }

  async #openFile(id: SessionId, upload: SpooledUpload): Promise<SyncedFile> {
    const path = this.#path(id);
    if (upload.head === undefined) return await unlessGone(SyncedFile.open(path, this.files, this.#writeBack));
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      return await SyncedFile.create(path, this.files, this.#writeBack);
    } catch (error) {
      throw diskFailure(error);
    }
  }

  /** Forgets what an append brought. */
  async #undo(id: SessionId, upload: SpooledUpload, start: number, writer: UploadWriter | undefined): Promise<void> {
    upload.size = start;
    upload.head?.truncate(start);
    await writer?.abandon();
    if (writer === undefined) return;
    if (upload.head !== undefined) {
      // What the upload had is in memory still; of the file nothing is needed.
      await rm(this.#path(id), { force: true });
      await writer.file.close().catch(() => undefined);
      return;
    }
    try {
      await writer.file.truncate(start);
    } finally {
      await this.#close(id, writer.file);
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

  async #digestHex(id: SessionId, upload: SpooledUpload, algorithm: DigestAlgorithm): Promise<string> {
    if (upload.hash !== undefined && upload.algorithm === algorithm) return await upload.hash.hex();
    return await digestHexOfFile(await this.#openFile(id, upload), this.digests.open(algorithm), this.#blocks);
  }
}

function requireEqual(digest: Digest, computedHex: string): void {
  if (computedHex !== digestHex(digest))
    throw new Failure('DIGEST_INVALID', { message: 'the uploaded bytes do not have this digest', detail: digest });
}

/** An upload whose file is missing was discarded by somebody else meanwhile. */
async function unlessGone<T>(work: Promise<T>): Promise<T> {
  const result = await unlessMissing(work.then((value) => ({ value })));
  if (result === undefined) throw new Failure('BLOB_UPLOAD_UNKNOWN');
  return result.value;
}
