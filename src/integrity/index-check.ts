import type { Inspection, InspectionQuery } from '../database/inspection.js';
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.js';
import {
  type ImageManifest,
  type IndexManifest,
  isForeignLayer,
  type Manifest,
  parseManifest,
} from '../oci/manifest.js';
import { AffectedImages } from './affected-images.js';
import type { Finding, Progress } from './finding.js';

interface ManifestRow {
  readonly id: number;
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly totalSize: number;
  readonly bytes: Buffer;
}

/** What is wrong with a manifest. */
type Fault = Pick<Finding, 'severity' | 'reason'>;

/** What removed repositories had is about to be cleared away. */
const kept = (repository: string) => `${repository} NOT IN (SELECT id FROM removed_repositories)`;

/** Row ids read at a time. */
const pageSize = 500;

/**
 * What the rows say about each other: manifests, what they need, tags and links. Each manifest is looked at in a snapshot of its
 * own, in which a running server has either done all of a change or nothing, so a push storm is no false alarm.
 */
export class IndexCheck {
  readonly #images: AffectedImages;
  readonly #ids: InspectionQuery<{ id: number }>;
  readonly #manifest: InspectionQuery<ManifestRow>;
  readonly #references: InspectionQuery<{ digest: Digest; kind: string }>;
  readonly #link: InspectionQuery<object>;
  readonly #repository: InspectionQuery<object>;
  readonly #child: InspectionQuery<object>;

  constructor(private readonly inspection: Inspection) {
    this.#images = new AffectedImages(inspection);
    this.#ids = inspection.prepare(`SELECT id FROM manifests WHERE id > ? ORDER BY id LIMIT ${pageSize}`);
    this.#manifest = inspection.prepare(`SELECT id, repository_id AS "repositoryId", digest, media_type AS "mediaType",
      size, total_size AS "totalSize", bytes FROM manifests WHERE id = ? AND ${kept('repository_id')}`);
    this.#references = inspection.prepare('SELECT digest, kind FROM manifest_references WHERE manifest_id = ?');
    this.#link = inspection.prepare('SELECT 1 FROM blob_links WHERE repository_id = ? AND digest = ?');
    this.#repository = inspection.prepare('SELECT 1 FROM repositories WHERE id = ?');
    this.#child = inspection.prepare('SELECT 1 FROM manifests WHERE repository_id = ? AND digest = ?');
  }

  *manifests(report: (progress: Progress) => void): Generator<Finding> {
    const { total } = this.inspection.prepare<{ total: number }>('SELECT COUNT(*) AS total FROM manifests').first() ?? {
      total: 0,
    };
    let checked = 0;
    for (let page = this.#ids.all(0); page.length > 0; page = this.#ids.all(page.at(-1)?.id ?? 0)) {
      for (const { id } of page) {
        yield* this.inspection.snapshot(() => this.#checkManifest(id));
        checked++;
        report({ kind: 'manifest', checked, total: Math.max(total, checked), bytes: 0 });
      }
    }
  }

  *tagsAndLinks(): Generator<Finding> {
    const tags = this.inspection.prepare<{
      name: string;
    }>(`SELECT COALESCE(r.name, '') || ':' || t.name AS name FROM tags t
      LEFT JOIN repositories r ON r.id = t.repository_id
      LEFT JOIN manifests m ON m.id = t.manifest_id AND m.repository_id = t.repository_id
      WHERE (m.id IS NULL OR r.id IS NULL) AND ${kept('t.repository_id')}`);
    for (const { name } of tags.all()) {
      yield {
        severity: 'damage',
        kind: 'tag',
        name,
        reason: 'it points to no manifest of its repository',
        images: [name],
      };
    }
    const links = this.inspection.prepare<{ digest: string }>(`SELECT DISTINCT l.digest FROM blob_links l
      LEFT JOIN blobs b ON b.digest = l.digest LEFT JOIN repositories r ON r.id = l.repository_id
      WHERE (b.digest IS NULL OR r.id IS NULL) AND ${kept('l.repository_id')}`);
    for (const { digest } of links.all()) {
      const images = this.#images.ofBlob(digest);
      yield {
        severity: 'damage',
        kind: 'blob',
        name: digest,
        reason: 'a repository has it, and the index does not',
        images,
      };
    }
  }

  /** Nothing when the manifest, or its repository, was deleted meanwhile. */
  #checkManifest(id: number): Finding[] {
    const row = this.#manifest.first(id);
    if (row === undefined) return [];
    const faults = this.#faults(row);
    if (faults.length === 0) return [];
    const images = this.#images.ofManifest(id);
    return faults.map((fault) => ({ ...fault, kind: 'manifest', name: row.digest, images }));
  }

  #faults(row: ManifestRow): Fault[] {
    const damage = (reason: string): Fault => ({ severity: 'damage', reason });
    if (this.#repository.first(row.repositoryId) === undefined)
      return [damage('the index does not have its repository')];
    if (digestOf(row.bytes, digestAlgorithm(row.digest)) !== row.digest)
      return [damage('its bytes do not have its digest')];
    if (Number(row.size) !== row.bytes.length)
      return [damage(`it has ${row.bytes.length} bytes, and the index says ${row.size}`)];
    let manifest: Manifest;
    try {
      manifest = parseManifest(row.bytes, row.mediaType);
    } catch (error) {
      return [damage(error instanceof Error ? error.message : String(error))];
    }
    const missing = manifest.kind === 'index' ? this.#childless(row, manifest) : this.#missing(row, manifest);
    return [...missing, ...Array.from(this.#uncounted(row, manifest), damage)];
  }

  /**
   * Whoever deletes a manifest may leave indexes that name it, and with BERTH_SPARSE_INDEXES it never had to be here. What was a blob
   * when the index came is not deleted before it.
   */
  *#childless({ id, repositoryId }: ManifestRow, { manifests }: IndexManifest): Generator<Fault> {
    const missing = [...new Set(manifests.map(({ digest }) => digest))].filter(
      (digest) => (this.#child.first(repositoryId, digest) ?? this.#link.first(repositoryId, digest)) === undefined,
    );
    if (missing.length === 0) return;
    const blobs = new Set(this.#references.all(id).flatMap(({ digest, kind }) => (kind === 'layer' ? [digest] : [])));
    const deletable = missing.filter((digest) => !blobs.has(digest));
    if (deletable.length > 0) yield incomplete(deletable);
    for (const digest of missing) if (blobs.has(digest)) yield lost(digest);
  }

  /**
   * An image loses none of its layers while it is here. With BERTH_SPARSE_INDEXES some need not have been here at all: then its total
   * size is without them too. What the setting is now, or for whoever asks, says nothing of that.
   */
  *#missing(row: ManifestRow, { config, layers }: ImageManifest): Generator<Fault> {
    const stored = new Map(
      [config, ...layers.filter((layer) => !isForeignLayer(layer))].map(({ digest, size }) => [digest, size]),
    );
    const missing = [...stored.keys()].filter((digest) => this.#link.first(row.repositoryId, digest) === undefined);
    const absent = missing.filter((digest) => digest !== config.digest);
    const sum = (digests: Iterable<Digest>) => [...digests].reduce((sum, digest) => sum + (stored.get(digest) ?? 0), 0);
    const neverHere = absent.length > 0 && Number(row.totalSize) + sum(absent) <= row.bytes.length + sum(stored.keys());
    if (neverHere) yield incomplete(absent);
    for (const digest of missing) {
      if (!neverHere || digest === config.digest) yield lost(digest);
    }
  }

  /** What garbage collection and deletions go by has to agree with the bytes. */
  *#uncounted({ id }: ManifestRow, manifest: Manifest): Generator<string> {
    const descriptors = manifest.kind === 'index' ? manifest.manifests : [manifest.config, ...manifest.layers];
    const needed = new Set(descriptors.map(({ digest }) => digest));
    const counted = new Set(this.#references.all(id).map(({ digest }) => digest));
    for (const digest of needed) if (!counted.has(digest)) yield `the index does not say that it needs ${digest}`;
    for (const digest of counted)
      if (!needed.has(digest)) yield `the index says that it needs ${digest}, and it does not`;
  }
}

function incomplete([first, ...others]: readonly Digest[]): Fault {
  const which = others.length === 0 ? `${first}, which is` : `${first} and ${others.length} more, which are`;
  return { severity: 'incomplete', reason: `it names ${which} not in its repository` };
}

function lost(digest: Digest): Fault {
  return { severity: 'damage', reason: `it needs the blob ${digest}, which is not in its repository` };
}
