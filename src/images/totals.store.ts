import { Database, type Selection } from '../database/database.js';
import { sumOf } from '../database/dialect.js';
import type { Seeker } from '../database/seeker.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { saturated } from '../oci/saturated.js';
import { batchSize, inBatches } from './in-batches.js';

export interface RepositoryTotals {
  readonly tags: number;
  /** Bytes of the blobs in it, each once; see {@link saturated}. */
  readonly size: number;
}

export interface RegistryTotals extends RepositoryTotals {
  readonly repositories: number;
}

interface Row extends RepositoryTotals {
  readonly name: RepositoryName;
}

/** Sums over everything in repositories. They look at every tag and every blob, so they are made in the process for searches. */
export class Totals {
  constructor(private readonly database: Database) {}

  /** Of each of these, as far as they exist. */
  async ofEach(repositories: readonly RepositoryName[], by?: Seeker): Promise<Map<RepositoryName, RepositoryTotals>> {
    const rows = await inBatches(repositories, (batch) => this.#ofSome(batch, by));
    return new Map(rows.map(({ name, tags, size }) => [name, { tags: Number(tags), size: saturated(Number(size)) }]));
  }

  /** Of all of these together; a blob that several of them have is counted once. */
  async ofAll({ sql, values }: Selection, by?: Seeker): Promise<RegistryTotals> {
    const [row] = await this.database.search<RegistryTotals>(
      `WITH visible AS MATERIALIZED (${sql})
      SELECT (SELECT COUNT(*) FROM visible) AS repositories,
        (SELECT COUNT(*) FROM tags WHERE repository_id IN (SELECT id FROM visible)) AS tags,
        (SELECT ${sumOf('size')} FROM blobs WHERE digest IN
          (SELECT digest FROM blob_links WHERE repository_id IN (SELECT id FROM visible))) AS size`,
      values,
      by,
    );
    if (!row) throw new Error('the database returned no row for a sum');
    return { ...row, size: saturated(Number(row.size)) };
  }

  #ofSome(repositories: readonly RepositoryName[], by: Seeker | undefined): Promise<Row[]> {
    // Filled up to one of a few lengths, so that few statements are compiled.
    const length = Math.min(2 ** Math.ceil(Math.log2(repositories.length)), batchSize);
    const names = Array.from({ length }, (_, i) => repositories[i % repositories.length] ?? null);
    return this.database.search<Row>(
      `SELECT r.name, (SELECT COUNT(*) FROM tags t WHERE t.repository_id = r.id) AS tags,
        (SELECT ${sumOf('b.size')} FROM blob_links l JOIN blobs b ON b.digest = l.digest
          WHERE l.repository_id = r.id) AS size
      FROM repository_list r WHERE r.name IN (${names.map(() => '?').join(', ')})`,
      names,
      by,
    );
  }
}

/** How many rows there are, each a query of one number to stand inside another. */
export const contentCounts = {
  tags: 'SELECT COUNT(*) FROM tags',
  manifests: 'SELECT COUNT(*) FROM manifests',
  blobs: 'SELECT COUNT(*) FROM blobs',
};

/** Bytes of all blobs, those that no repository has included: a query of one number to stand inside another. */
export const allBlobBytes = `SELECT ${sumOf('size')} FROM blobs`;
