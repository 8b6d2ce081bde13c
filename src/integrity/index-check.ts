import type { Inspection, InspectionQuery } from '../database/inspection.js';
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.js';
import { isForeignLayer, type Manifest, parseManifest } from '../oci/manifest.js';
import { AffectedImages } from './affected-images.js';
import type { Finding, Progress } from './finding.js';

interface ManifestRow {
  readonly id: number;
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly bytes: Buffer;
}

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
  readonly #references: InspectionQuery<{ digest: Digest }>;
  readonly #link: InspectionQuery<object>;
  readonly #child: InspectionQuery<object>;

  /** @param sparse whether content of an index, and layers, may be missing */
  constructor(
    private readonly inspection: Inspection,
    private readonly sparse: boolean,
  ) {
    this.#images = new AffectedImages(inspection);
    this.#ids = inspection.prepare(`SELECT id FROM manifests WHERE id > ? ORDER BY id LIMIT ${pageSize}`);
    this.#manifest = inspection.prepare(`SELECT id, repository_id AS "repositoryId", digest, media_type AS "mediaType",
      size, bytes FROM manifests WHERE id = ?`);
    this.#references = inspection.prepare('SELECT digest FROM manifest_references WHERE manifest_id = ?');
    this.#link = inspection.prepare('SELECT 1 FROM blob_links WHERE repository_id = ? AND digest = ?');
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
      WHERE m.id IS NULL OR r.id IS NULL`);
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
      WHERE b.digest IS NULL OR r.id IS NULL`);
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

  /** Nothing when the manifest was deleted meanwhile. */
  #checkManifest(id: number): Finding[] {
    const row = this.#manifest.first(id);
    if (row === undefined) return [];
    const reasons = this.#reasons(row);
    if (reasons.length === 0) return [];
    const images = this.#images.ofManifest(id);
    return reasons.map((reason) => ({ severity: 'damage', kind: 'manifest', name: row.digest, reason, images }));
  }

  #reasons(row: ManifestRow): string[] {
    if (digestOf(row.bytes, digestAlgorithm(row.digest)) !== row.digest) return ['its bytes do not have its digest'];
    if (Number(row.size) !== row.bytes.length)
      return [`it has ${row.bytes.length} bytes, and the index says ${row.size}`];
    let manifest: Manifest;
    try {
      manifest = parseManifest(row.bytes, row.mediaType);
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
    return [...this.#missing(row, manifest), ...this.#uncounted(row, manifest)];
  }

  *#missing({ repositoryId }: ManifestRow, manifest: Manifest): Generator<string> {
    if (manifest.kind === 'index') {
      for (const { digest } of this.sparse ? [] : manifest.manifests) {
        const there = this.#child.first(repositoryId, digest) ?? this.#link.first(repositoryId, digest);
        if (there === undefined) yield `it names ${digest}, which is not in its repository`;
      }
      return;
    }
    const layers = this.sparse ? [] : manifest.layers.filter((layer) => !isForeignLayer(layer));
    for (const { digest } of [manifest.config, ...layers]) {
      if (this.#link.first(repositoryId, digest) === undefined)
        yield `it needs the blob ${digest}, which is not in its repository`;
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
