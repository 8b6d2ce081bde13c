import type { Readable } from 'node:stream';
import { type Principal, principalKey } from '../../access/principal.js';
import { Failure } from '../../errors/failure.js';
import { type Images, timesStored } from '../../images/images.js';
import type { ByteRange } from '../../oci/byte-range.js';
import { type Descriptor, parseDescriptor } from '../../oci/descriptor.js';
import { type Digest, digestAlgorithm } from '../../oci/digest.js';
import { parsePushedManifest } from '../../oci/manifest.js';
import { maxPageSize } from '../../oci/page.js';
import type { Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { BlobStore } from '../../storage/blob-store.js';
import type { DiskReserve } from '../../storage/disk-reserve.js';
import type { BlobSource, BlobStat, ManifestRef, Patience, RawManifest, Registry } from '../registry.js';
import type { UploadSessions } from '../upload-sessions.js';

/** What it stands on. */
export interface LocalParts {
  readonly images: Images;
  readonly blobs: BlobStore;
  readonly uploads: Pick<UploadSessions, 'open' | 'append' | 'seal' | 'close'>;
  readonly reserve: Pick<DiskReserve, 'check' | 'write'>;
}

/**
 * Our own registry, as one account uses it: what it writes is pushed by that account, and its unfinished uploads count for it. Like
 * the index below it, it asks nobody for permission; whoever makes one has done so.
 */
export class LocalRegistry implements Registry {
  constructor(
    private readonly parts: LocalParts,
    private readonly by: Principal,
  ) {}

  async statManifest({ repository, reference }: ManifestRef, { signal }: Patience = {}) {
    signal?.throwIfAborted();
    const found = await this.parts.images.findManifest(repository, reference);
    return found && { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length };
  }

  async getManifest({ repository, reference }: ManifestRef, { signal }: Patience = {}): Promise<RawManifest> {
    signal?.throwIfAborted();
    const found = await this.parts.images.findManifest(repository, reference);
    if (found === undefined) throw new Failure('MANIFEST_UNKNOWN');
    const { mediaType, digest, bytes } = found;
    return { mediaType, digest, bytes };
  }

  async putManifest(
    { repository, reference }: ManifestRef,
    { mediaType, bytes }: Pick<RawManifest, 'mediaType' | 'bytes'>,
    { signal }: Patience = {},
  ): Promise<Descriptor> {
    signal?.throwIfAborted();
    const { images, reserve } = this.parts;
    await reserve.check();
    const manifest = parsePushedManifest(bytes, mediaType);
    const put = { repository, reference, bytes, manifest, by: this.by };
    const { digest } = await reserve.write(bytes.length * timesStored, () => images.putManifest(put));
    return { mediaType, digest, size: bytes.length };
  }

  async deleteManifest({ repository, reference }: ManifestRef, { signal }: Patience = {}): Promise<void> {
    signal?.throwIfAborted();
    if (reference.kind === 'tag') await this.parts.images.deleteTag(repository, reference.tag);
    else await this.parts.images.deleteManifest(repository, reference.digest);
  }

  /** Undefined also when the bytes are damaged, so that they are written again. */
  async statBlob(repository: RepositoryName, digest: Digest, { signal }: Patience = {}): Promise<BlobStat | undefined> {
    signal?.throwIfAborted();
    const linked = await this.parts.images.findBlob(repository, digest);
    const stored = linked && (await this.parts.blobs.stat(digest));
    return linked !== undefined && stored?.size === linked.size ? { digest, size: linked.size } : undefined;
  }

  /** Of the disk, where bytes had their digest when they came and are looked after since: the stream is not held back. */
  async readBlob(
    repository: RepositoryName,
    digest: Digest,
    range?: ByteRange,
    patience: Patience = {},
  ): Promise<Readable> {
    if ((await this.statBlob(repository, digest, patience)) === undefined)
      throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
    return follow(await this.parts.blobs.read(digest, range), patience.signal);
  }

  /**
   * The bytes become a blob and are linked here at the next moment, in one transaction with the row of the blob: the link protects
   * them from then on, whether or not a manifest names them yet.
   */
  async writeBlob(
    repository: RepositoryName,
    { digest, size }: BlobStat,
    source: BlobSource,
    { signal }: Patience = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    const { images, blobs, uploads, reserve } = this.parts;
    await reserve.check();
    const session = await uploads.open(repository, principalKey(this.by), digestAlgorithm(digest));
    try {
      const written = await uploads.append(session, follow(await source(), signal), { expectedBytes: size });
      if (written !== size) throw new Failure('SIZE_INVALID');
      const sealed = await uploads.seal(session, digest);
      await blobs.adopt(digest, sealed);
      await images.linkBlob(repository, { digest, size }, this.by);
      if (sealed.bytes !== undefined) images.noteContent(digest, sealed.bytes);
    } catch (error) {
      await uploads.close(session);
      signal?.throwIfAborted();
      throw error;
    }
  }

  async mountBlob(repository: RepositoryName, digest: Digest, from: RepositoryName, patience: Patience = {}) {
    if ((await this.statBlob(from, digest, patience)) === undefined) return false;
    return await this.parts.images.mountBlob(repository, digest, from, this.by);
  }

  async *listTags(repository: RepositoryName, { signal }: Patience = {}): AsyncGenerator<readonly Tag[]> {
    for (let last: Tag | undefined; ; ) {
      signal?.throwIfAborted();
      const tags = await this.parts.images.listTags(repository, { limit: maxPageSize, ...(last && { last }) });
      if (tags.length > 0) yield tags;
      last = tags.at(-1);
      if (tags.length < maxPageSize) return;
    }
  }

  async listReferrers(
    repository: RepositoryName,
    digest: Digest,
    artifactType?: string,
    { signal }: Patience = {},
  ): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    for (let last: string | undefined; ; ) {
      signal?.throwIfAborted();
      const query = { limit: maxPageSize, ...(artifactType !== undefined && { artifactType }), ...(last && { last }) };
      const { items, nextCursor } = await this.parts.images.pageReferrers(repository, digest, query);
      found.push(...items.map((item, place) => parseDescriptor(JSON.parse(item.toString()), `manifests[${place}]`)));
      if (nextCursor === undefined) return found;
      last = nextCursor;
    }
  }
}

/** The stream fails with the reason of the signal when that is aborted. */
function follow(stream: Readable, signal: AbortSignal | undefined): Readable {
  if (signal === undefined) return stream;
  const leave = () => stream.destroy(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  return stream.once('close', () => signal.removeEventListener('abort', leave));
}
