import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import { Database, type PreparedRead } from '../database/database.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { inBatches } from './in-batches.js';

export interface LinkedBlob {
  /** Bytes. */
  readonly size: number;
}

const linked = `SELECT b.size FROM repository_list r
  JOIN blob_links l ON l.repository_id = r.id
  JOIN blobs b ON b.digest = l.digest
  WHERE r.name = ? AND l.digest = ?`;

export const blobQueries = [linked];

/** The rows of blobs and of their links to repositories, for those who read. Prepared, because every pull that is not remembered asks it. */
export class BlobLinkStore {
  readonly #linked: PreparedRead<LinkedBlob>;

  constructor(database: Database) {
    this.#linked = database.prepare(linked);
  }

  find(repository: RepositoryName, digest: Digest): Promise<LinkedBlob | undefined> {
    return this.#linked.find(repository, digest);
  }
}

/** Notes a blob of the store. One that is known stays as it is. */
export async function saveBlob(tx: EntityManager, digest: Digest, size: number): Promise<void> {
  await tx.sql`
    INSERT INTO blobs (digest, size, created_at) VALUES (${digest}, ${size}, ${clock.wall()}) ON CONFLICT DO NOTHING`;
}

/** Whether that is new: the repository may have it already. */
export async function saveLink(tx: EntityManager, repositoryId: number, digest: Digest): Promise<boolean> {
  const added = await tx.sql<unknown[]>`
    INSERT INTO blob_links (repository_id, digest, created_at) VALUES (${repositoryId}, ${digest}, ${clock.wall()})
    ON CONFLICT DO NOTHING RETURNING 1`;
  return added.length > 0;
}

/** The id of the repository, when it has this blob. */
export async function findLink(
  tx: EntityManager,
  repository: RepositoryName,
  digest: Digest,
): Promise<number | undefined> {
  const [link] = await tx.sql<{ repositoryId: number }[]>`
    SELECT l.repository_id AS "repositoryId" FROM repository_list r JOIN blob_links l ON l.repository_id = r.id
    WHERE r.name = ${repository} AND l.digest = ${digest}`;
  return link?.repositoryId;
}

export async function removeLink(tx: EntityManager, repositoryId: number, digest: Digest): Promise<void> {
  await tx.sql`DELETE FROM blob_links WHERE repository_id = ${repositoryId} AND digest = ${digest}`;
}

/** Bytes of those of these digests that the repository has. */
export async function blobSizes(
  tx: EntityManager,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Map<Digest, number>> {
  const rows = await inBatches(
    digests,
    (batch) => tx.sql<{ digest: Digest; size: number }[]>`
      SELECT b.digest, b.size FROM blob_links l JOIN blobs b ON b.digest = l.digest
      WHERE l.repository_id = ${repositoryId} AND l.digest IN (${() => batch})`,
  );
  return new Map(rows.map(({ digest, size }) => [digest, Number(size)]));
}
