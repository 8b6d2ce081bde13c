import type { Readable } from 'node:stream';
import type { ByteRange } from '../oci/byte-range.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { Reference, Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** Where a manifest is: a repository, and a tag or digest in it. */
export interface ManifestRef {
  readonly repository: RepositoryName;
  readonly reference: Reference;
}

/** A manifest as it was pushed, byte for byte. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** What is known of a blob without reading it. */
export interface BlobStat {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Content of known digest and size. Called again when the registry lost what it had received, and then gives the bytes from their beginning. */
export type BlobSource = () => Promise<Readable>;

/** How long somebody wants to wait for an answer. Aborting ends everything down to the socket and rejects with the signal's reason. */
export interface Patience {
  readonly signal?: AbortSignal | undefined;
}

/**
 * One registry, ours or somebody else's (distribution-spec). Failures are those of the catalogue; a registry that is not ours adds
 * REMOTE_… to those named here. What is acknowledged has the digest it was asked by.
 */
export interface Registry {
  /** Undefined when there is no such manifest. */
  statManifest(at: ManifestRef, patience?: Patience): Promise<Descriptor | undefined>;
  /** Throws MANIFEST_UNKNOWN. */
  getManifest(at: ManifestRef, patience?: Patience): Promise<RawManifest>;
  /** Throws DIGEST_INVALID when it is put under a digest that is not its own, MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN. */
  putManifest(
    at: ManifestRef,
    manifest: Pick<RawManifest, 'mediaType' | 'bytes'>,
    patience?: Patience,
  ): Promise<Descriptor>;
  /** A tag alone, or a manifest with its tags. Throws MANIFEST_UNKNOWN, and UNSUPPORTED where that cannot be deleted. */
  deleteManifest(at: ManifestRef, patience?: Patience): Promise<void>;
  /** Undefined when the blob cannot be pulled from this repository. */
  statBlob(repository: RepositoryName, digest: Digest, patience?: Patience): Promise<BlobStat | undefined>;
  /**
   * The bytes, all or the inclusive range. Of a whole blob the last piece comes only once all of them have the digest; otherwise the
   * stream fails. Throws BLOB_UNKNOWN.
   */
  readBlob(repository: RepositoryName, digest: Digest, range?: ByteRange, patience?: Patience): Promise<Readable>;
  /** Makes the blob pullable from this repository. Throws DIGEST_INVALID and SIZE_INVALID for a source that has other bytes, and what the source throws. */
  writeBlob(repository: RepositoryName, blob: BlobStat, source: BlobSource, patience?: Patience): Promise<void>;
  /** Makes a blob of repository `from` pullable here too. False when that cannot be: then the bytes have to be written. */
  mountBlob(repository: RepositoryName, digest: Digest, from: RepositoryName, patience?: Patience): Promise<boolean>;
  /** Every tag once, in pages, each asked for when it is wanted; none for a repository that is not there. */
  listTags(repository: RepositoryName, patience?: Patience): AsyncIterable<readonly Tag[]>;
  /** The manifests about this digest, which need not exist. */
  listReferrers(
    repository: RepositoryName,
    digest: Digest,
    artifactType?: string,
    patience?: Patience,
  ): Promise<Descriptor[]>;
}
