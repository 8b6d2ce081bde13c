import type { EntityManager } from 'typeorm';
import { Failure } from '../errors/failure.js';
import type { Descriptor, Platform } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageManifest, type IndexManifest, isForeignLayer, type Manifest } from '../oci/manifest.js';
import { isManifestMediaType } from '../oci/media-type.js';
import { saturated } from '../oci/saturated.js';
import { blobSizes } from './blobs.store.js';
import type { ReferenceKind } from './manifest-reference.entity.js';
import { childManifests, type Resolved, type StoredChild } from './manifests.store.js';
import { mostPlatforms, runnablePlatforms, splitPlatforms } from './platforms.js';

/**
 * Finds what a manifest needs in its repository. With `sparse`, layers and children may be missing.
 * Throws MANIFEST_BLOB_UNKNOWN with the missing digest, and MANIFEST_INVALID when a size is not the stored one.
 * @param platform what the config of an image says
 */
export function resolve(
  tx: EntityManager,
  repositoryId: number,
  manifest: Manifest,
  { platform, sparse }: { readonly platform: Platform | undefined; readonly sparse: boolean },
): Promise<Resolved> {
  return manifest.kind === 'image'
    ? resolveImage(tx, repositoryId, manifest, platform, sparse)
    : resolveIndex(tx, repositoryId, manifest, sparse);
}

/**
 * Finds config and layers among the blobs of the repository; foreign layers need not be there, and with `sparse` no layer need be.
 */
async function resolveImage(
  tx: EntityManager,
  repositoryId: number,
  { config, layers }: ImageManifest,
  platform: Platform | undefined,
  sparse: boolean,
): Promise<Resolved> {
  const stored = [config, ...layers.filter((layer) => !isForeignLayer(layer))];
  const sizes = await blobSizes(tx, repositoryId, digestsOf(stored));
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
 */
async function resolveIndex(
  tx: EntityManager,
  repositoryId: number,
  { manifests: children }: IndexManifest,
  sparse: boolean,
): Promise<Resolved> {
  const stored = new Map<Digest, StoredChild>();
  for (const child of await childManifests(tx, repositoryId, digestsOf(children))) stored.set(child.digest, child);
  const others = children.filter(({ digest, mediaType }) => !stored.has(digest) && !isManifestMediaType(mediaType));
  const sizes = await blobSizes(tx, repositoryId, digestsOf(others));

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

/** Each once. */
export function digestsOf(descriptors: readonly Pick<Descriptor, 'digest'>[]): Digest[] {
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
