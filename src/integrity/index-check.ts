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
import type { IndexStore, ManifestRow } from './index.store.js';

/** What is wrong with a manifest. */
type Fault = Pick<Finding, 'severity' | 'reason'>;

/**
 * What the rows say about each other: manifests, what they need, tags and links. Each manifest is looked at in a snapshot of its
 * own, in which a running server has either done all of a change or nothing, so a push storm is no false alarm.
 */
export class IndexCheck {
  readonly #images: AffectedImages;

  constructor(private readonly index: IndexStore) {
    this.#images = new AffectedImages(index);
  }

  *manifests(report: (progress: Progress) => void): Generator<Finding> {
    const total = this.index.countManifests();
    let checked = 0;
    for (const id of this.index.manifestIds()) {
      yield* this.index.snapshot(() => this.#checkManifest(id));
      checked++;
      report({ kind: 'manifest', checked, total: Math.max(total, checked), bytes: 0 });
    }
  }

  *tagsAndLinks(): Generator<Finding> {
    const tag = { severity: 'damage', kind: 'tag', reason: 'it points to no manifest of its repository' } as const;
    for (const name of this.index.strayTags()) yield { ...tag, name, images: [name] };
    const link = { severity: 'damage', kind: 'blob', reason: 'a repository has it, and the index does not' } as const;
    for (const name of this.index.strayLinks()) yield { ...link, name, images: this.#images.ofBlob(name) };
  }

  /** Nothing when the manifest, or its repository, was deleted meanwhile. */
  #checkManifest(id: number): Finding[] {
    const row = this.index.findManifest(id);
    if (row === undefined) return [];
    const faults = this.#faults(row);
    if (faults.length === 0) return [];
    const images = this.#images.ofManifest(id);
    return faults.map((fault) => ({ ...fault, kind: 'manifest', name: row.digest, images }));
  }

  #faults(row: ManifestRow): Fault[] {
    const damage = (reason: string): Fault => ({ severity: 'damage', reason });
    if (!this.index.hasRepository(row.repositoryId)) return [damage('the index does not have its repository')];
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
      (digest) => !this.index.hasManifest(repositoryId, digest) && !this.index.hasLink(repositoryId, digest),
    );
    if (missing.length === 0) return;
    const blobs = new Set(
      this.index.referencesOf(id).flatMap(({ digest, kind }) => (kind === 'layer' ? [digest] : [])),
    );
    const deletable = missing.filter((digest) => !blobs.has(digest));
    if (deletable.length > 0) yield incomplete(deletable);
    for (const digest of missing) if (blobs.has(digest)) yield lost(digest);
  }

  /**
   * An image loses none of its layers while it is here. With BERTH_SPARSE_INDEXES some need not have been here at all: then its total
   * size is without them too. The setting of today says nothing of that.
   */
  *#missing(row: ManifestRow, { config, layers }: ImageManifest): Generator<Fault> {
    const stored = new Map(
      [config, ...layers.filter((layer) => !isForeignLayer(layer))].map(({ digest, size }) => [digest, size]),
    );
    const missing = [...stored.keys()].filter((digest) => !this.index.hasLink(row.repositoryId, digest));
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
    const counted = new Set(this.index.referencesOf(id).map(({ digest }) => digest));
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
