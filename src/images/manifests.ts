import type { EntityManager } from 'typeorm';
import { type Principal, userIdOf } from '../access/principal.js';
import { clock } from '../async/clock.js';
import type { MaybeAsync } from '../async/maybe-async.js';
import { ReadCache } from '../async/read-cache.js';
import { Changes } from '../changes/changes.js';
import type { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Failure } from '../errors/failure.js';
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.js';
import type { Manifest } from '../oci/manifest.js';
import { formatReference, type Reference, type Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type PushTarget, Repositories } from '../repositories/repositories.js';
import { ConfigBlobs } from './config-blobs.js';
import { eachBatch } from './in-batches.js';
import { ManifestStore, manifestOf, removeManifest, type StoredManifest, saveManifest } from './manifests.store.js';
import { resolve } from './references.js';
import { removeTag, removeTags, saveTag } from './tags.store.js';

export interface PushedManifest {
  readonly repository: RepositoryName;
  readonly reference: Reference;
  /** Further tags for the same manifest. */
  readonly extraTags?: readonly Tag[];
  readonly bytes: Buffer;
  /** What {@link bytes} mean. */
  readonly manifest: Manifest;
  readonly by: Principal;
  /** Of the reference and of every further tag, asked with the transaction open. */
  readonly allowed?: TagPrecondition | undefined;
}

export interface MovedTag {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  /** Where it shall point: an image of the same repository. */
  readonly target: Reference;
  readonly by: Principal;
  /** Asked with the transaction open. */
  readonly allowed?: TagPrecondition;
}

/** Whether a tag may be changed that points to this image now; undefined when there is no such tag. */
export type TagPrecondition = (current: Digest | undefined) => boolean;

/** Most bytes of manifests remembered between requests. */
const cacheBytes = 64 * 1024 * 1024;
/** What an entry takes beside the bytes, about. */
const entryBytes = 512;

/** Manifests and the tags that point to them. What is remembered is forgotten by every write that touches it, before the write is acknowledged. */
export class Manifests {
  readonly #cache = new ReadCache<string, StoredManifest | undefined>(
    cacheBytes,
    (manifest) => entryBytes + (manifest?.bytes.length ?? 0),
  );

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly store: ManifestStore,
    private readonly repositories: Repositories,
    private readonly configs: ConfigBlobs,
    private readonly config: { readonly registry: Pick<Config['registry'], 'sparseIndexes'> },
  ) {
    changes.onCommitted(['repository.rename', 'repository.delete'], () => this.#cache.clear());
    changes.onCommitted(['push', 'manifest.delete', 'tag.delete'], (some) => {
      for (const { payload } of some) {
        const references = 'tags' in payload ? [payload.digest, ...payload.tags] : [payload.tag];
        for (const reference of references) this.#cache.delete(cacheKey(payload.repository, reference));
      }
    });
  }

  /** Returns immediately if remembered. Throws CONTENT_DAMAGED when the stored bytes do not have their digest. */
  find(repository: RepositoryName, reference: Reference): MaybeAsync<StoredManifest | undefined> {
    const text = formatReference(reference);
    const key = cacheKey(repository, text);
    const read = async () => intact(await this.store.find(reference.kind, repository, text));
    return this.#cache.get(key) ?? this.#cache.fill(key, read);
  }

  /**
   * Stores a manifest and moves its tags in one transaction, creating the repository on its first push.
   * Throws DIGEST_INVALID when it is pushed under a digest that is not its own, MANIFEST_BLOB_UNKNOWN with the digest that is missing
   * in this repository (the subject may be), MANIFEST_INVALID when it states a size that is not the stored one, PRECONDITION_FAILED when
   * `allowed` says no.
   */
  async put({ repository, reference, extraTags = [], bytes, manifest, by, allowed }: PushedManifest) {
    const digest = contentDigest(reference, bytes);
    const config = manifest.kind === 'image' ? await this.configs.read(repository, manifest.config) : undefined;
    const tags = [...new Set([...(reference.kind === 'tag' ? [reference.tag] : []), ...extraTags])];
    const pushed = { at: new Date(clock.wall()), by: userIdOf(by) };
    await this.database.write(async (tx) => {
      const { id } = await this.repositories.ensure(tx, repository, pushed.by);
      await this.repositories.recordPush(tx, id, pushed.at);
      if (allowed !== undefined) await requireEach(tx, id, [reference, ...extraTags.map(asReference)], allowed);
      const found = { platform: config?.platform, sparse: this.config.registry.sparseIndexes };
      const resolved = await resolve(tx, id, manifest, found);
      const manifestId = await saveManifest(tx, id, { digest, bytes, manifest, resolved, pushed });
      // An address has room for thousands of tags.
      await eachBatch(tags, async (batch) => {
        for (const tag of batch) await saveTag(tx, id, tag, { id: manifestId, digest }, pushed);
      });
      await this.#recordPush(tx, { id, name: repository }, formatReference(reference), { digest, tags });
    });
    return { digest, subject: manifest.subject?.digest };
  }

  /** Deletes a manifest and, at the same moment, the tags that point to it. Throws MANIFEST_UNKNOWN, UNSUPPORTED. */
  async delete(repository: RepositoryName, digest: Digest): Promise<void> {
    this.repositories.requireDeletion();
    await this.database.write(async (tx) => {
      const id = await this.repositories.lock(tx, repository);
      const manifest = id === undefined ? undefined : await manifestOf(tx, id, { kind: 'digest', digest });
      if (id === undefined || manifest === undefined) throw new Failure('MANIFEST_UNKNOWN');
      const tags = await removeTags(tx, id, manifest.id);
      await removeManifest(tx, manifest.id);
      await this.changes.record(tx, {
        kind: 'manifest.delete',
        id,
        payload: { repository, digest, tags },
        audit: { name: repository, reference: digest, before: { tags } },
      });
    });
  }

  /**
   * Points a tag to an image that is there already, as if it had been pushed once more under this tag.
   * Throws MANIFEST_UNKNOWN, and PRECONDITION_FAILED when `allowed` says no.
   */
  async tag({ repository, tag, target, by, allowed = always }: MovedTag): Promise<{ readonly created: boolean }> {
    const pushed = { at: new Date(clock.wall()), by: userIdOf(by) };
    return await this.database.write(async (tx) => {
      const { id } = await this.repositories.ensure(tx, repository, pushed.by);
      await this.repositories.recordPush(tx, id, pushed.at);
      const current = await manifestOf(tx, id, asReference(tag));
      if (!allowed(current?.digest)) throw new Failure('PRECONDITION_FAILED');
      const manifest = await manifestOf(tx, id, target);
      if (!manifest) throw new Failure('MANIFEST_UNKNOWN');
      await saveTag(tx, id, tag, manifest, pushed);
      await this.#recordPush(tx, { id, name: repository }, tag, { digest: manifest.digest, tags: [tag] });
      return { created: current === undefined };
    });
  }

  /**
   * Deletes a tag and nothing else: the manifest stays, and so do its other tags. Throws MANIFEST_UNKNOWN, UNSUPPORTED, and
   * PRECONDITION_FAILED when `allowed` says no.
   */
  async deleteTag(repository: RepositoryName, tag: Tag, allowed: TagPrecondition = always): Promise<void> {
    this.repositories.requireDeletion();
    await this.database.write(async (tx) => {
      const id = await this.repositories.lock(tx, repository);
      const current = id === undefined ? undefined : await manifestOf(tx, id, asReference(tag));
      if (!allowed(current?.digest)) throw new Failure('PRECONDITION_FAILED');
      if (id === undefined || current === undefined) throw new Failure('MANIFEST_UNKNOWN');
      await removeTag(tx, id, tag);
      await this.changes.record(tx, {
        kind: 'tag.delete',
        id,
        payload: { repository, tag, digest: current.digest },
        audit: { name: repository, reference: tag },
      });
    });
  }

  #recordPush(
    tx: EntityManager,
    { id, name }: PushTarget,
    reference: string,
    after: { readonly digest: Digest; readonly tags: readonly Tag[] },
  ): Promise<void> {
    const payload = { repository: name, ...after };
    return this.changes.record(tx, { kind: 'push', id, payload, audit: { name, reference, after } });
  }
}

function asReference(tag: Tag): Reference {
  return { kind: 'tag', tag };
}

/** Throws PRECONDITION_FAILED unless each of them may be changed. */
async function requireEach(
  tx: EntityManager,
  repositoryId: number,
  references: readonly Reference[],
  allowed: TagPrecondition,
): Promise<void> {
  await eachBatch(references, async (batch) => {
    for (const reference of batch) {
      if (!allowed((await manifestOf(tx, repositoryId, reference))?.digest)) throw new Failure('PRECONDITION_FAILED');
    }
  });
}

const always: TagPrecondition = () => true;

/** A database file can rot as well, and what does not have its digest is never served. */
function intact(manifest: StoredManifest | undefined): StoredManifest | undefined {
  if (manifest === undefined || digestOf(manifest.bytes, digestAlgorithm(manifest.digest)) === manifest.digest)
    return manifest;
  throw new Failure('CONTENT_DAMAGED', {
    cause: new Error(`the stored bytes of manifest ${manifest.digest} are damaged`),
  });
}

function cacheKey(repository: RepositoryName, reference: string): string {
  return `${repository}@${reference}`;
}

/** The digest the manifest is stored under: what it was pushed as, once that is proven. */
function contentDigest(reference: Reference, bytes: Buffer): Digest {
  if (reference.kind === 'tag') return digestOf(bytes);
  const digest = digestOf(bytes, digestAlgorithm(reference.digest));
  if (digest !== reference.digest)
    throw new Failure('DIGEST_INVALID', { message: 'the manifest does not have this digest', detail: { digest } });
  return digest;
}
