import type { EntityManager } from 'typeorm';
import { type Principal, userIdOf } from '../access/principal.js';
import type { MaybeAsync } from '../async/maybe-async.js';
import { ReadCache } from '../async/read-cache.js';
import { Changes } from '../changes/changes.js';
import { Database } from '../database/database.js';
import { Failure, isFailure } from '../errors/failure.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type PushTarget, Repositories } from '../repositories/repositories.js';
import { BlobLinkStore, findLink, type LinkedBlob, removeLink, saveBlob, saveLink } from './blobs.store.js';
import { isNamed } from './manifests.store.js';

/** Most links remembered between requests. */
const cacheEntries = 100_000;

/** Which blobs can be pulled from which repository. The bytes are the blob store's. */
export class Blobs {
  readonly #cache = new ReadCache<string, LinkedBlob | undefined>(cacheEntries);

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly store: BlobLinkStore,
    private readonly repositories: Repositories,
  ) {
    changes.onCommitted(['repository.rename', 'repository.delete'], () => this.#cache.clear());
    changes.onCommitted(['blob.delete'], (some) => {
      for (const { payload } of some) this.#cache.delete(cacheKey(payload.repository, payload.digest));
    });
  }

  /** Returns immediately if remembered. */
  find(repository: RepositoryName, digest: Digest): MaybeAsync<LinkedBlob | undefined> {
    const key = cacheKey(repository, digest);
    return this.#cache.get(key) ?? this.#cache.fill(key, () => this.store.find(repository, digest));
  }

  /** Makes a blob of the store pullable here, creating the repository on its first push. */
  async link(repository: RepositoryName, { digest, size }: LinkedBlob & { readonly digest: Digest }, by: Principal) {
    await this.database.write(async (tx) => {
      const target = await this.repositories.ensure(tx, repository, userIdOf(by));
      await saveBlob(tx, digest, size);
      await this.#insertLink(tx, target, digest);
    });
  }

  /**
   * Makes a blob of repository `from` pullable from `to` as well; false when it is not in there.
   * @param mayPull whether they may have it from there, asked with the transaction open; false when not
   */
  async mount(
    to: RepositoryName,
    digest: Digest,
    from: RepositoryName,
    by: Principal,
    mayPull?: () => Promise<boolean>,
  ): Promise<boolean> {
    if (!(await this.find(from, digest))) return false;
    try {
      await this.database.write(async (tx) => {
        const target = await this.repositories.ensure(tx, to, userIdOf(by));
        await requireLink(tx, from, digest);
        if (mayPull !== undefined && !(await mayPull())) throw new Failure('BLOB_UNKNOWN');
        await this.#insertLink(tx, target, digest);
      });
      return true;
    } catch (error) {
      if (isFailure(error, 'BLOB_UNKNOWN')) return false;
      throw error;
    }
  }

  /** Throws UNSUPPORTED, BLOB_UNKNOWN, and BLOB_IN_USE while a manifest of the repository names it. The bytes stay for garbage collection. */
  async unlink(repository: RepositoryName, digest: Digest): Promise<void> {
    this.repositories.requireDeletion();
    await this.database.write(async (tx) => {
      const repositoryId = await requireLink(tx, repository, digest);
      if (await isNamed(tx, repositoryId, digest)) throw new Failure('BLOB_IN_USE', { detail: { digest } });
      await removeLink(tx, repositoryId, digest);
      await this.changes.record(tx, {
        kind: 'blob.delete',
        id: repositoryId,
        payload: { repository, digest },
        audit: { name: repository, reference: digest },
      });
    });
  }

  async #insertLink(tx: EntityManager, { id, name }: PushTarget, digest: Digest): Promise<void> {
    if (!(await saveLink(tx, id, digest))) return;
    await this.changes.record(tx, { kind: 'blob.link', id, payload: { repository: name, digest } });
  }
}

function cacheKey(repository: RepositoryName, digest: Digest): string {
  return `${repository}@${digest}`;
}

/** The id of the repository. Throws BLOB_UNKNOWN. */
async function requireLink(tx: EntityManager, repository: RepositoryName, digest: Digest): Promise<number> {
  const repositoryId = await findLink(tx, repository, digest);
  if (repositoryId === undefined) throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
  return repositoryId;
}
