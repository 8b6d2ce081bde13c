import type { EntityManager } from 'typeorm';
import { Failure } from '../errors/failure.js';
import type { Descriptor, Platform } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageManifest, type IndexManifest, isForeignLayer } from '../oci/manifest.js';
import { isManifestMediaType } from '../oci/media-type.js';
import { saturated } from '../oci/saturated.js';
import { eachBatch, inBatches } from './in-batches.js';
import type { ReferenceKind } from './manifest-reference.entity.js';
import { mostPlatforms, runnablePlatforms, splitPlatforms } from './platforms.js';

/** What a manifest turned out to need and to be, once everything it names was found. */
export interface Resolved {
  /** Each digest once. */
  readonly references: ReadonlyMap<Digest, ReferenceKind>;
  /** Bytes of what it needs, without the manifest itself; see {@link saturated}. */
  readonly contentSize: number;
  /** The first 32. */
  readonly platforms: readonly string[];
}

/**
 * Finds config and layers among the blobs of the repository; foreign layers need not be there, and with `sparse` no layer need be.
 * Throws MANIFEST_BLOB_UNKNOWN with the missing digest, and MANIFEST_INVALID when a size is not the stored one.
 */
export async function resolveImage(
  tx: EntityManager,
  repositoryId: number,
  { config, layers }: ImageManifest,
  platform: Platform | undefined,
  sparse: boolean,
): Promise<Resolved> {
  const stored = [config, ...layers.filter((layer) => !isForeignLayer(layer))];
  const sizes = await blobSizes(tx, repositoryId, stored);
  for (const descriptor of stored) {
    const size = sizes.get(descriptor.digest);
    if (size !== undefined || descriptor === config || !sparse) requireSize(descriptor, size);
  }
  return {
    // The config last: a digest that is both stays a config.
    references: new Map([...kinds(layers, 'layer'), ...kinds([config], 'config')]),
    contentSize: [...sizes.values()].reduce((total, size) => saturated(total + size), 0),
    platforms: platform ? runnablePlatforms([platform]) : [],
  };
}

/**
 * Finds the children among the manifests of the repository. A child of another media type is a blob: build caches are indexes of layers.
 * With `sparse`, children may be missing. Throws as {@link resolveImage}.
 */
export async function resolveIndex(
  tx: EntityManager,
  repositoryId: number,
  { manifests: children }: IndexManifest,
  sparse: boolean,
): Promise<Resolved> {
  const stored = new Map<Digest, StoredChild>();
  for (const child of await childManifests(tx, repositoryId, children)) stored.set(child.digest, child);
  const others = children.filter(({ digest, mediaType }) => !stored.has(digest) && !isManifestMediaType(mediaType));
  const sizes = await blobSizes(tx, repositoryId, others);

  const references = new Map<Digest, ReferenceKind>();
  const platforms = new Set<string>();
  let contentSize = 0;
  for (const child of children) {
    const manifest = stored.get(child.digest);
    const size = manifest?.size ?? sizes.get(child.digest);
    if (size !== undefined || !sparse) requireSize(child, size);
    if (!references.has(child.digest)) {
      contentSize = saturated(contentSize + Number(manifest?.totalSize ?? child.size));
    }
    references.set(child.digest, sizes.has(child.digest) ? 'layer' : 'manifest');
    const known = child.platform ? runnablePlatforms([child.platform]) : splitPlatforms(manifest?.platforms ?? '');
    for (const platform of known) if (platforms.size < mostPlatforms) platforms.add(platform);
  }
  return { references, contentSize, platforms: [...platforms] };
}

/** Those of a manifest never change: one that is tagged again has them all. */
export async function saveReferences(tx: EntityManager, manifestId: number, resolved: Resolved): Promise<void> {
  const [saved] = await tx.sql<{ count: number }[]>`
    SELECT COUNT(*) AS count FROM manifest_references WHERE manifest_id = ${manifestId}`;
  if (Number(saved?.count) === resolved.references.size) return;
  await eachBatch([...resolved.references], async (batch) => {
    for (const [digest, kind] of batch) {
      await tx.sql`
        INSERT INTO manifest_references (manifest_id, digest, kind) VALUES (${manifestId}, ${digest}, ${kind})
        ON CONFLICT DO NOTHING`;
    }
  });
}

export interface StoredChild {
  readonly digest: Digest;
  readonly size: number;
  readonly totalSize: number;
  readonly platforms: string;
}

/** The children of an index that are manifests of the repository. */
export function childManifests(
  tx: EntityManager,
  repositoryId: number,
  children: readonly Pick<Descriptor, 'digest'>[],
) {
  return inBatches(
    digestsOf(children),
    (batch) => tx.sql<StoredChild[]>`
      SELECT digest, size, total_size AS "totalSize", platforms FROM manifests
      WHERE repository_id = ${repositoryId} AND digest IN (${() => batch})`,
  );
}

async function blobSizes(tx: EntityManager, repositoryId: number, descriptors: readonly Descriptor[]) {
  const rows = await inBatches(
    digestsOf(descriptors),
    (batch) => tx.sql<{ digest: Digest; size: number }[]>`
      SELECT b.digest, b.size FROM blob_links l JOIN blobs b ON b.digest = l.digest
      WHERE l.repository_id = ${repositoryId} AND l.digest IN (${() => batch})`,
  );
  return new Map(rows.map(({ digest, size }) => [digest, Number(size)]));
}

function digestsOf(descriptors: readonly Pick<Descriptor, 'digest'>[]): Digest[] {
  return [...new Set(descriptors.map(({ digest }) => digest))];
}

function requireSize({ digest, size }: Descriptor, stored: number | undefined): void {
  if (stored === undefined) throw new Failure('MANIFEST_BLOB_UNKNOWN', { detail: { digest } });
  if (stored === size) return;
  throw new Failure('MANIFEST_INVALID', { message: `the size of ${digest} is ${stored}, not ${size}` });
}

function kinds(descriptors: readonly Descriptor[], kind: ReferenceKind): [Digest, ReferenceKind][] {
  return descriptors.map(({ digest }) => [digest, kind]);
}
