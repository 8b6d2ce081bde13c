import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { blobPath, blobsFolder } from '../storage/blob-path.js';

/**
 * CNCF Distribution's layout below a data directory (its registry/storage/paths.go). A link is a file that holds a digest.
 * ```
 * docker/registry/v2/
 *   blobs/<algorithm>/<first 2 hex>/<hex>/data                   blobs and manifests alike
 *   repositories/<name>/
 *     _layers/<algorithm>/<hex>/link                             what can be pulled as a blob
 *     _manifests/revisions/<algorithm>/<hex>/link                what can be pulled as a manifest
 *     _manifests/tags/<tag>/current/link                         where a tag points
 *     _manifests/tags/<tag>/index/<algorithm>/<hex>/link         where it has pointed
 *     _uploads/                                                  never ours
 * ```
 * A name may contain slashes: one repository lies inside another's folder. No component begins with `_`.
 */
export const repositoriesFolder = join('docker', 'registry', 'v2', 'repositories');

const hashed = (digest: Digest): string => join(digestAlgorithm(digest), digestHex(digest));

/** Paths relative to the data directory, made of parsed values only. */
export const layoutPaths = {
  content: (digest: Digest): string => join(blobsFolder, blobPath(digest)),
  layers: (name: RepositoryName): string => join(repositoriesFolder, name, '_layers'),
  layer: (name: RepositoryName, digest: Digest): string => join(repositoriesFolder, name, '_layers', hashed(digest)),
  manifests: (name: RepositoryName): string => join(repositoriesFolder, name, '_manifests'),
  revision: (name: RepositoryName, digest: Digest): string =>
    join(repositoriesFolder, name, '_manifests', 'revisions', hashed(digest)),
  tag: (name: RepositoryName, tag: Tag): string => join(repositoriesFolder, name, '_manifests', 'tags', tag),
  currentOf: (name: RepositoryName, tag: Tag): string => join(layoutPaths.tag(name, tag), 'current'),
  indexOf: (name: RepositoryName, tag: Tag, digest: Digest): string =>
    join(layoutPaths.tag(name, tag), 'index', hashed(digest)),
};

/** The name of every file that points to something. */
export const linkFile = 'link';
