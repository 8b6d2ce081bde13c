import type { Principal } from '../access/principal.js';
import type { MaybeAsync } from '../async/maybe-async.js';
import type { Selection } from '../database/database.js';
import type { Page } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import type { Digest } from '../oci/digest.js';
import type { Reference, Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import type { OpenBlob } from '../storage/blob-store.js';
import { Blobs } from './blobs.js';
import type { LinkedBlob } from './blobs.store.js';
import { ConfigBlobs } from './config-blobs.js';
import { Details, type ImageDetail, type ImageFacts } from './details.js';
import { Manifests, type MovedTag, type PushedManifest, type TagPrecondition } from './manifests.js';
import type { StoredManifest } from './manifests.store.js';
import { type ReferrerQuery, Referrers } from './referrers.js';
import { TagHistory, type TagHistoryPage } from './tag-history.store.js';
import { type TagPage, type TagQuery, Tags } from './tags.js';
import { type RegistryTotals, type RepositoryTotals, Totals } from './totals.store.js';

/** In how many places a manifest is: as a row, with its annotations once more where it is a referrer, in the log and in the database, and as a file. */
export const timesStored = 5;

/**
 * The index: which manifests, tags and blobs are in which repository. The one door of the room; each noun has a file of its own.
 * It asks nobody for permission: callers have done so. What a write acknowledges is durable and seen by every later read.
 */
export class Images {
  constructor(
    private readonly manifests: Manifests,
    private readonly tags: Tags,
    private readonly history: TagHistory,
    private readonly blobs: Blobs,
    private readonly referrers: Referrers,
    private readonly configs: ConfigBlobs,
    private readonly details: Details,
    private readonly sums: Totals,
  ) {}

  /** See {@link Manifests.put}. */
  putManifest(pushed: PushedManifest): Promise<{ readonly digest: Digest; readonly subject: Digest | undefined }> {
    return this.manifests.put(pushed);
  }

  /** Returns immediately if remembered. */
  findManifest(repository: RepositoryName, reference: Reference): MaybeAsync<StoredManifest | undefined> {
    return this.manifests.find(repository, reference);
  }

  /** Deletes a manifest and its tags at the same moment. Throws MANIFEST_UNKNOWN. */
  deleteManifest(repository: RepositoryName, digest: Digest): Promise<void> {
    return this.manifests.delete(repository, digest);
  }

  /** Points a tag to another image of the repository. Throws MANIFEST_UNKNOWN, PRECONDITION_FAILED. */
  moveTag(moved: MovedTag): Promise<{ readonly created: boolean }> {
    return this.manifests.tag(moved);
  }

  /** Deletes a tag and nothing else. Throws MANIFEST_UNKNOWN, PRECONDITION_FAILED. */
  deleteTag(repository: RepositoryName, tag: Tag, allowed?: TagPrecondition): Promise<void> {
    return this.manifests.deleteTag(repository, tag, allowed);
  }

  /** Where a tag has pointed, the latest first; also that of a tag that was deleted. */
  tagHistory(
    repository: RepositoryName,
    tag: Tag,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<TagHistoryPage> {
    return this.history.page(repository, tag, page);
  }

  /** Names in byte order, those behind `last`. */
  listTags(repository: RepositoryName, page: { readonly limit: number; readonly last?: string }): Promise<Tag[]> {
    return this.tags.list(repository, page);
  }

  /** The tag table of people. Throws VALIDATION_FAILED for a cursor that no page gave. */
  pageTags(repository: RepositoryName, query: TagQuery): Promise<TagPage> {
    return this.tags.page(repository, query);
  }

  countTags(repository: RepositoryName, q?: string, by?: Seeker): Promise<number> {
    return this.tags.count(repository, q, by);
  }

  /** Manifests about this digest, which need not exist: their descriptors as JSON, in the order of their digests, 4 MiB at most. */
  pageReferrers(repository: RepositoryName, subject: Digest, query: ReferrerQuery): Promise<Page<Buffer>> {
    return this.referrers.page(repository, subject, query);
  }

  /** A blob that can be pulled from this repository. Returns immediately if remembered. */
  findBlob(repository: RepositoryName, digest: Digest): MaybeAsync<LinkedBlob | undefined> {
    return this.blobs.find(repository, digest);
  }

  /** Makes a blob of the store pullable here, creating the repository on its first push. */
  linkBlob(repository: RepositoryName, blob: LinkedBlob & { readonly digest: Digest }, by: Principal): Promise<void> {
    return this.blobs.link(repository, blob, by);
  }

  /** The bytes of a small blob that was just linked: should it be a config, they need not be read again. */
  noteContent(digest: Digest, bytes: Uint8Array): void {
    this.configs.note(digest, bytes);
  }

  /** False when the blob is not in repository `from`, or may not be had from there. */
  mountBlob(
    to: RepositoryName,
    digest: Digest,
    from: RepositoryName,
    by: Principal,
    mayPull?: () => Promise<boolean>,
  ): Promise<boolean> {
    return this.blobs.mount(to, digest, from, by, mayPull);
  }

  /** Throws BLOB_UNKNOWN, and BLOB_IN_USE while a manifest here names it. */
  unlinkBlob(repository: RepositoryName, digest: Digest): Promise<void> {
    return this.blobs.unlink(repository, digest);
  }

  /** See {@link Details.describe}. */
  describe(repository: RepositoryName, digest: Digest): Promise<ImageDetail | undefined> {
    return this.details.describe(repository, digest);
  }

  /** See {@link Details.summarize}. */
  summarize(repository: RepositoryName, digest: Digest): Promise<ImageFacts | undefined> {
    return this.details.summarize(repository, digest);
  }

  /** See {@link Details.openConfig}. */
  openConfig(repository: RepositoryName, digest: Digest): Promise<OpenBlob> {
    return this.details.openConfig(repository, digest);
  }

  /** How many tags and bytes are in each of these repositories. */
  totals(repositories: readonly RepositoryName[], by?: Seeker): Promise<Map<RepositoryName, RepositoryTotals>> {
    return this.sums.ofEach(repositories, by);
  }

  /** How much is in all of these repositories together; the query has a column `id`. */
  totalsOf(repositories: Selection, by?: Seeker): Promise<RegistryTotals> {
    return this.sums.ofAll(repositories, by);
  }
}
