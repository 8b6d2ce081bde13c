import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Principal, userIdOf } from '../access/principal.js';
import { record } from '../audit/record.js';
import { Database, type PreparedRead } from '../database/database.js';
import { ReadCache } from '../database/read-cache.js';
import { Failure, isFailure } from '../errors/failure.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type PushTarget, Repositories } from '../repositories/repositories.js';

export interface LinkedBlob {
  /** Bytes. */
  readonly size: number;
}

/** Most links remembered between requests. */
const cacheEntries = 100_000;

/** Uses of a blob that are looked at before others have a turn of the event loop. */
const piece = 5_000;

const linked = `SELECT b.size FROM repositories r
  JOIN blob_links l ON l.repository_id = r.id
  JOIN blobs b ON b.digest = l.digest
  WHERE r.name = ? AND l.digest = ?`;

/** For the test that looks at plans; so in the other files of the room. */
export const blobQueries = [linked];

/** Which blobs can be pulled from which repository. The bytes are the blob store's. */
@Injectable()
export class Blobs {
  readonly #cache = new ReadCache<string, LinkedBlob | undefined>(cacheEntries);
  readonly #linked: PreparedRead<LinkedBlob>;

  constructor(
    private readonly database: Database,
    private readonly repositories: Repositories,
  ) {
    this.#linked = database.prepare(linked);
    repositories.onChange((_name, change) => {
      if (change === 'removed') this.#cache.clear();
    });
  }

  /** At once when it is remembered. */
  find(repository: RepositoryName, digest: Digest): LinkedBlob | undefined | Promise<LinkedBlob | undefined> {
    const key = cacheKey(repository, digest);
    return this.#cache.get(key) ?? this.#cache.fill(key, () => this.#linked.find(repository, digest));
  }

  /** Makes a blob of the store pullable here, creating the repository on its first push. */
  async link(repository: RepositoryName, { digest, size }: LinkedBlob & { readonly digest: Digest }, by: Principal) {
    await this.repositories.pushInto(repository, userIdOf(by), async (tx, { id }) => {
      await tx.sql`
        INSERT INTO blobs (digest, size, created_at) VALUES (${digest}, ${size}, ${Date.now()}) ON CONFLICT DO NOTHING`;
      await this.#insertLink(tx, { id, name: repository }, digest);
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
      await this.repositories.pushInto(to, userIdOf(by), async (tx, { id }) => {
        await requireLink(tx, from, digest);
        if (mayPull !== undefined && !(await mayPull())) throw new Failure('BLOB_UNKNOWN');
        await this.#insertLink(tx, { id, name: to }, digest);
      });
      return true;
    } catch (error) {
      if (isFailure(error, 'BLOB_UNKNOWN')) return false;
      throw error;
    }
  }

  /** To be called when links were made elsewhere. */
  forget(repository: RepositoryName, digests: readonly Digest[]): void {
    for (const digest of digests) this.#cache.delete(cacheKey(repository, digest));
  }

  /** Throws UNSUPPORTED, BLOB_UNKNOWN, and BLOB_IN_USE while a manifest of the repository names it. The bytes stay for garbage collection. */
  async unlink(repository: RepositoryName, digest: Digest): Promise<void> {
    this.repositories.requireDeletion();
    try {
      await this.database.write(async (tx) => {
        const { repositoryId } = await requireLink(tx, repository, digest);
        if (await isNamed(tx, repositoryId, digest)) throw new Failure('BLOB_IN_USE', { detail: { digest } });
        await tx.sql`DELETE FROM blob_links WHERE repository_id = ${repositoryId} AND digest = ${digest}`;
        await this.repositories.recordDeletion(tx, repository, [digest]);
        await record(tx, 'blob.delete', repository, { reference: digest });
      });
    } finally {
      this.#cache.delete(cacheKey(repository, digest));
    }
  }

  async #insertLink(tx: EntityManager, { id, name }: PushTarget, digest: Digest): Promise<void> {
    const added = await tx.sql<unknown[]>`
      INSERT INTO blob_links (repository_id, digest, created_at) VALUES (${id}, ${digest}, ${Date.now()})
      ON CONFLICT DO NOTHING RETURNING 1`;
    if (added.length > 0) await this.repositories.recordLinks(tx, name, [digest]);
  }
}

function cacheKey(repository: RepositoryName, digest: Digest): string {
  return `${repository}@${digest}`;
}

async function requireLink(tx: EntityManager, repository: RepositoryName, digest: Digest) {
  const [link] = await tx.sql<{ repositoryId: number }[]>`
    SELECT l.repository_id AS "repositoryId" FROM repositories r JOIN blob_links l ON l.repository_id = r.id
    WHERE r.name = ${repository} AND l.digest = ${digest}`;
  if (!link) throw new Failure('BLOB_UNKNOWN', { detail: { digest } });
  return link;
}

/** Whether a manifest of the repository names it. Those that do, of all repositories, are looked at piece by piece: a base layer is named by many. */
async function isNamed(tx: EntityManager, repositoryId: number, digest: Digest): Promise<boolean> {
  for (let from = 0; ; ) {
    const [end] = await tx.sql<{ id: number }[]>`
      SELECT manifest_id AS id FROM manifest_references WHERE digest = ${digest} AND manifest_id > ${from}
      ORDER BY manifest_id LIMIT 1 OFFSET ${piece - 1}`;
    const to = end?.id ?? Number.MAX_SAFE_INTEGER;
    const named = await tx.sql<unknown[]>`
      SELECT 1 FROM manifest_references u JOIN manifests m ON m.id = u.manifest_id
      WHERE u.digest = ${digest} AND u.manifest_id > ${from} AND u.manifest_id <= ${to} AND m.repository_id = ${repositoryId}
      LIMIT 1`;
    if (named.length > 0) return true;
    if (end === undefined) return false;
    from = end.id;
    await turn();
  }
}
