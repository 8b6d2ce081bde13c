import type { Inspection, InspectionQuery } from '../database/inspection.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';

export interface InspectedManifest {
  readonly id: number;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

export interface InspectedTag {
  readonly name: Tag;
  /** Of its manifest. */
  readonly digest: Digest;
}

interface DigestRow {
  readonly digest: Digest;
}

const manifest = 'SELECT id, digest, bytes FROM manifests WHERE repository_id = ? AND digest = ?';
const manifestsAfter = `SELECT id, digest, bytes FROM manifests WHERE repository_id = ? AND digest > ?
  ORDER BY digest LIMIT ?`;
const tag =
  'SELECT m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = ? AND t.name = ?';
const tagsAfter = `SELECT t.name, m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id
  WHERE t.repository_id = ? AND t.name > ? ORDER BY t.name LIMIT ?`;
const link = 'SELECT 1 FROM blob_links WHERE repository_id = ? AND digest = ?';
const linksAfter = 'SELECT digest FROM blob_links WHERE repository_id = ? AND digest > ? ORDER BY digest LIMIT ?';
const linkedReferences = `SELECT u.digest FROM blob_links l JOIN manifest_references u ON u.digest = l.digest
  WHERE l.repository_id = ? AND u.manifest_id = ?`;
/** Those that give a page, in an order there is an index for. */
export const inspectedPageQueries = [manifestsAfter, tagsAfter, linksAfter];
export const inspectedImageQueries = [manifest, tag, link, linkedReferences, ...inspectedPageQueries];

/** The rows of manifests, tags and blob links, for threads and programs that read the database on a connection of their own. */
export class InspectedImages {
  readonly #manifest: InspectionQuery<InspectedManifest>;
  readonly #manifestsAfter: InspectionQuery<InspectedManifest>;
  readonly #tag: InspectionQuery<DigestRow>;
  readonly #tagsAfter: InspectionQuery<InspectedTag>;
  readonly #link: InspectionQuery<object>;
  readonly #linksAfter: InspectionQuery<DigestRow>;
  readonly #linkedReferences: InspectionQuery<DigestRow>;

  constructor(inspection: Inspection) {
    this.#manifest = inspection.prepare(manifest);
    this.#manifestsAfter = inspection.prepare(manifestsAfter);
    this.#tag = inspection.prepare(tag);
    this.#tagsAfter = inspection.prepare(tagsAfter);
    this.#link = inspection.prepare(link);
    this.#linksAfter = inspection.prepare(linksAfter);
    this.#linkedReferences = inspection.prepare(linkedReferences);
  }

  findManifest(repositoryId: number, digest: Digest): InspectedManifest | undefined {
    return this.#manifest.first(repositoryId, digest);
  }

  /** Those behind the digest `last`, in byte order. They have their bytes, at most 4 MiB each. */
  manifestsAfter(repositoryId: number, last: string, limit: number): InspectedManifest[] {
    return this.#manifestsAfter.all(repositoryId, last, limit);
  }

  /** The digest a tag points to. */
  findTag(repositoryId: number, tag: Tag): Digest | undefined {
    return this.#tag.first(repositoryId, tag)?.digest;
  }

  /** Those behind the name `last`, in byte order. */
  tagsAfter(repositoryId: number, last: string, limit: number): InspectedTag[] {
    return this.#tagsAfter.all(repositoryId, last, limit);
  }

  hasLink(repositoryId: number, digest: Digest): boolean {
    return this.#link.first(repositoryId, digest) !== undefined;
  }

  /** Blobs linked in the repository behind the digest `last`, in byte order. */
  linksAfter(repositoryId: number, last: string, limit: number): DigestRow[] {
    return this.#linksAfter.all(repositoryId, last, limit);
  }

  /** What a manifest references and its repository has a link to. */
  linkedReferences(repositoryId: number, manifestId: number): DigestRow[] {
    return this.#linkedReferences.all(repositoryId, manifestId);
  }
}
