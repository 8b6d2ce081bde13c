/** Media types that mean something to a registry. Any other is fine for configs and layers. */
export const MediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociForeignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ociForeignLayerGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ociForeignLayerZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

/** Characters of the longest that RFC 6838 allows: 127 on either side of the slash. */
export const longestMediaType = 255;

const indexes: ReadonlySet<string> = new Set([MediaTypes.ociIndex, MediaTypes.dockerManifestList]);
const images: ReadonlySet<string> = new Set([MediaTypes.ociManifest, MediaTypes.dockerManifest]);
const configs: ReadonlySet<string> = new Set([MediaTypes.ociConfig, MediaTypes.dockerConfig]);
const foreignLayers: ReadonlySet<string> = new Set([
  MediaTypes.ociForeignLayer,
  MediaTypes.ociForeignLayerGzip,
  MediaTypes.ociForeignLayerZstd,
  MediaTypes.dockerForeignLayer,
]);

/** Of a manifest that can be stored: an image or an index, not schema 1. */
export function isManifestMediaType(mediaType: string): boolean {
  return images.has(mediaType) || indexes.has(mediaType);
}

/** Of a manifest as OCI writes it, which need not state its type in the document (image-spec "manifest", `mediaType`). */
export function isOciMediaType(mediaType: string): boolean {
  return mediaType === MediaTypes.ociManifest || mediaType === MediaTypes.ociIndex;
}

export function isIndexMediaType(mediaType: string): boolean {
  return indexes.has(mediaType);
}

/** Of a config that says how a container runs: it has a platform, an environment and a history. */
export function isImageConfigMediaType(mediaType: string): boolean {
  return configs.has(mediaType);
}

export function isForeignLayerMediaType(mediaType: string): boolean {
  return foreignLayers.has(mediaType);
}
