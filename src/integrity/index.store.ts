import { itemOf, listed, listOf, sumOf } from '../database/dialect.js';
import type { Inspection, InspectionQuery } from '../database/inspection.js';
import type { Digest } from '../oci/digest.js';

export interface ManifestRow {
  readonly id: number;
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly totalSize: number;
  readonly bytes: Buffer;
}

export interface BlobRow {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** A manifest as people name it. */
export interface ImageRow {
  readonly repository: string;
  readonly digest: string;
  readonly tag: string | null;
}

/** Rows read at a time. */
const pageSize = 500;
/** Most images named for one finding. */
const mostNamed = 20;

/** What removed repositories had is about to be cleared away. */
const kept = (repository: string) => `${repository} NOT IN (SELECT id FROM removed_repositories)`;

/** Manifests by a first set and, of the same repository, the indexes above them. */
const affected = (first: string) => `WITH RECURSIVE affected(id) AS (
    ${first}
    UNION
    SELECT u.manifest_id FROM affected a
    JOIN manifests child ON child.id = a.id
    JOIN manifest_references u ON u.digest = child.digest
    JOIN manifests parent ON parent.id = u.manifest_id AND parent.repository_id = child.repository_id)
  SELECT r.name AS repository, m.digest, t.name AS tag
  FROM affected a JOIN manifests m ON m.id = a.id JOIN repositories r ON r.id = m.repository_id
  LEFT JOIN tags t ON t.manifest_id = m.id
  ORDER BY r.name, t.name IS NULL, t.name, m.digest LIMIT ${mostNamed}`;

/**
 * The rows of repositories and images as `berth fsck` reads them: from outside of the server, past every rule of the rooms that own
 * the tables, to compare what they say. The one file that names tables of others; it changes none.
 */
export class IndexStore {
  readonly #manifestIds: InspectionQuery<{ id: number }>;
  readonly #manifest: InspectionQuery<ManifestRow>;
  readonly #references: InspectionQuery<{ digest: Digest; kind: string }>;
  readonly #link: InspectionQuery<object>;
  readonly #repository: InspectionQuery<object>;
  readonly #child: InspectionQuery<object>;
  readonly #blobs: InspectionQuery<BlobRow>;
  readonly #blob: InspectionQuery<BlobRow>;
  readonly #known: InspectionQuery<{ digest: string }>;
  readonly #needing: InspectionQuery<ImageRow>;
  readonly #above: InspectionQuery<ImageRow>;

  constructor(private readonly inspection: Inspection) {
    this.#manifestIds = inspection.prepare(`SELECT id FROM manifests WHERE id > ? ORDER BY id LIMIT ${pageSize}`);
    this.#manifest = inspection.prepare(`SELECT id, repository_id AS "repositoryId", digest, media_type AS "mediaType",
      size, total_size AS "totalSize", bytes FROM manifests WHERE id = ? AND ${kept('repository_id')}`);
    this.#references = inspection.prepare('SELECT digest, kind FROM manifest_references WHERE manifest_id = ?');
    this.#link = inspection.prepare('SELECT 1 FROM blob_links WHERE repository_id = ? AND digest = ?');
    this.#repository = inspection.prepare('SELECT 1 FROM repositories WHERE id = ?');
    this.#child = inspection.prepare('SELECT 1 FROM manifests WHERE repository_id = ? AND digest = ?');
    this.#blobs = inspection.prepare(
      `SELECT digest, size FROM blobs WHERE digest > ? ORDER BY digest LIMIT ${pageSize}`,
    );
    this.#blob = inspection.prepare('SELECT digest, size FROM blobs WHERE digest = ?');
    this.#known = inspection.prepare(`SELECT ${itemOf('found')} AS digest FROM ${listed('found')}
      WHERE ${itemOf('found')} IN (SELECT digest FROM manifests) OR ${itemOf('found')} IN (SELECT digest FROM blobs)`);
    this.#needing = inspection.prepare(affected('SELECT manifest_id FROM manifest_references WHERE digest = ?'));
    this.#above = inspection.prepare(affected('SELECT id FROM manifests WHERE id = ?'));
  }

  /** What `work` reads is of one moment, however much is written meanwhile. */
  snapshot<T>(work: () => T): T {
    return this.inspection.snapshot(work);
  }

  countManifests(): number {
    return this.#count('SELECT COUNT(*) AS total FROM manifests');
  }

  /** Ids of all manifests, in order. */
  *manifestIds(): Generator<number> {
    for (let last = 0; ; ) {
      const page = this.#manifestIds.all(last);
      for (const { id } of page) yield id;
      if (page.length === 0) return;
      last = page.at(-1)?.id ?? last;
    }
  }

  /** Undefined also for one of a repository that was removed. */
  findManifest(id: number): ManifestRow | undefined {
    return this.#manifest.first(id);
  }

  /** What a manifest is said to need. */
  referencesOf(manifestId: number): { digest: Digest; kind: string }[] {
    return this.#references.all(manifestId);
  }

  hasRepository(id: number): boolean {
    return this.#repository.first(id) !== undefined;
  }

  hasManifest(repositoryId: number, digest: Digest): boolean {
    return this.#child.first(repositoryId, digest) !== undefined;
  }

  hasLink(repositoryId: number, digest: Digest): boolean {
    return this.#link.first(repositoryId, digest) !== undefined;
  }

  /** `repository:tag` of those that point to no manifest of their repository. */
  strayTags(): string[] {
    const query = this.inspection.prepare<{
      name: string;
    }>(`SELECT COALESCE(r.name, '') || ':' || t.name AS name FROM tags t
      LEFT JOIN repositories r ON r.id = t.repository_id
      LEFT JOIN manifests m ON m.id = t.manifest_id AND m.repository_id = t.repository_id
      WHERE (m.id IS NULL OR r.id IS NULL) AND ${kept('t.repository_id')}`);
    return query.all().map(({ name }) => name);
  }

  /** Blobs that are linked and have no row, or are linked to no repository. */
  strayLinks(): string[] {
    const query = this.inspection.prepare<{ digest: string }>(`SELECT DISTINCT l.digest FROM blob_links l
      LEFT JOIN blobs b ON b.digest = l.digest LEFT JOIN repositories r ON r.id = l.repository_id
      WHERE (b.digest IS NULL OR r.id IS NULL) AND ${kept('l.repository_id')}`);
    return query.all().map(({ digest }) => digest);
  }

  countBlobs(): number {
    return this.#count('SELECT COUNT(*) AS total FROM blobs');
  }

  /** All blobs, in the order of their digests. */
  *blobs(): Generator<BlobRow> {
    for (let last = ''; ; ) {
      const page = this.#blobs.all(last);
      yield* page;
      if (page.length === 0) return;
      last = page.at(-1)?.digest ?? last;
    }
  }

  findBlob(digest: Digest): BlobRow | undefined {
    return this.#blob.first(digest);
  }

  /** Blobs that no repository has, and their bytes. */
  unusedBlobs(): { readonly blobs: number; readonly bytes: number } {
    const query = this.inspection.prepare<{ blobs: number; bytes: number }>(
      `SELECT COUNT(*) AS blobs, ${sumOf('b.size')} AS bytes FROM blobs b
        WHERE NOT EXISTS (SELECT 1 FROM blob_links l WHERE l.digest = b.digest)`,
    );
    return query.first() ?? { blobs: 0, bytes: 0 };
  }

  /** Those of these that are a manifest, or a blob, of any repository. */
  known(digests: readonly Digest[]): ReadonlySet<string> {
    return new Set(this.#known.all(listOf(digests)).map(({ digest }) => digest));
  }

  /** Images that need this content: some of them. */
  imagesNeeding(digest: string): ImageRow[] {
    return this.#needing.all(digest);
  }

  /** A manifest and the indexes that name it: some of them. */
  imagesAbove(manifestId: number): ImageRow[] {
    return this.#above.all(manifestId);
  }

  #count(sql: string): number {
    return this.inspection.prepare<{ total: number }>(sql).first()?.total ?? 0;
  }
}
