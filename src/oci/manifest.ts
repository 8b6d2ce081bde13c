import { isUtf8 } from 'node:buffer';
import {
  type Descriptor,
  invalid,
  isJsonObject,
  type JsonObject,
  parseAnnotations,
  parseDescriptor,
  parseList,
  parseText,
} from './descriptor.js';
import { jsonShape } from './json-shape.js';
import {
  isForeignLayerMediaType,
  isIndexMediaType,
  isManifestMediaType,
  isOciMediaType,
  longestMediaType,
  MediaTypes,
} from './media-type.js';

export type Manifest = ImageManifest | IndexManifest;

interface Common {
  readonly mediaType: string;
  readonly artifactType?: string;
  /** What this manifest is about: a signature's image. It may be missing. */
  readonly subject?: Descriptor;
  readonly annotations: Readonly<Record<string, string>>;
}

/** image-spec "manifest", and Docker's schema 2. */
export interface ImageManifest extends Common {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** image-spec "image-index", and Docker's manifest list. */
export interface IndexManifest extends Common {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

/** A platform of a descriptor of a list is four deep; 4 MiB of the shortest descriptors there are have 160,000 values. */
const deepest = 100;
const mostValues = 250_000;

/**
 * The meaning of manifest bytes. The media type is the Content-Type, or the body's when that is missing or just application/json;
 * where both are given they agree. Members it does not know are left alone: the bytes are kept, not this.
 * Throws MANIFEST_INVALID with the reason.
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): Manifest {
  const body = parseJson(bytes);
  return parseBody(body, decideMediaType(statedType(body), contentType));
}

/**
 * As {@link parseManifest}, for what a client pushes: the media types are ones (RFC 6838), the document is not made to be hard to
 * read, and it says by itself what it is, or looks like it, as {@link parseFoundManifest} needs. What was accepted before there was
 * such a limit is still read.
 */
export function parsePushedManifest(bytes: Uint8Array, contentType: string | undefined): Manifest {
  const { depth, values } = jsonShape(bytes);
  if (depth > deepest) throw invalid(`the manifest is nested deeper than ${deepest}`);
  if (values > mostValues) throw invalid(`the manifest has more than ${mostValues} values`);
  const body = parseJson(bytes);
  const stated = statedType(body);
  const mediaType = decideMediaType(stated, contentType);
  if (stated === undefined && !isOciMediaType(mediaType))
    throw invalid(`the manifest lacks its mediaType, ${mediaType}`);
  const manifest = parseBody(body, mediaType);
  if ((effectiveArtifactType(manifest)?.length ?? 0) > longestMediaType)
    throw invalid(`the artifact type is longer than ${longestMediaType} characters`);
  return manifest;
}

/**
 * As {@link parseManifest}, of bytes found without a Content-Type. OCI lets a document leave out what it is: then an image is what has
 * a config, because every image must and no index may.
 */
export function parseFoundManifest(bytes: Uint8Array): Manifest {
  const body = parseJson(bytes);
  const unstated = body.config == null ? MediaTypes.ociIndex : MediaTypes.ociManifest;
  return parseBody(body, decideMediaType(statedType(body) ?? unstated, undefined));
}

/** True for a layer that stays where its publisher put it: not stored here and never fetched. */
export function isForeignLayer(descriptor: Descriptor): boolean {
  return isForeignLayerMediaType(descriptor.mediaType);
}

/** What a referrers list shows as the manifest's artifact type: an image falls back to its config's media type (distribution-spec "Listing Referrers"). */
export function effectiveArtifactType(manifest: Manifest): string | undefined {
  return manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined);
}

function parseBody(body: JsonObject, mediaType: string): Manifest {
  const common = {
    mediaType,
    artifactType: parseText(body.artifactType, 'artifactType') || undefined,
    subject: body.subject == null ? undefined : parseDescriptor(body.subject, 'subject'),
    annotations: parseAnnotations(body.annotations, 'annotations') ?? {},
  };
  return isIndexMediaType(mediaType) ? parseIndex(body, common) : parseImage(body, common);
}

/** A version 2 document in strict UTF-8 without a byte order mark: whatever reads the bytes later reads the same document. */
function parseJson(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) throw invalid('the manifest is empty');
  let body: unknown;
  try {
    // A strict TextDecoder makes a text of twice the bytes, and takes longer.
    const text = isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString() : '';
    body = JSON.parse(text);
  } catch {
    throw invalid('the manifest is not JSON in UTF-8');
  }
  if (!isJsonObject(body)) throw invalid('the manifest is not a JSON object');
  if (body.schemaVersion !== 2) {
    throw invalid(
      body.schemaVersion === 1
        ? 'schema 1 manifests are not supported: push schema 2 or OCI'
        : 'schemaVersion is not 2',
    );
  }
  return body;
}

/** Null and empty are what programs write that leave it out. */
function statedType(body: JsonObject): string | undefined {
  return parseText(body.mediaType, 'mediaType') || undefined;
}

function decideMediaType(stated: string | undefined, contentType: string | undefined): string {
  const header = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  const sent = header === '' || header === 'application/json' ? undefined : header;
  const mediaType = stated ?? sent;
  if (mediaType === undefined) throw invalid('neither Content-Type nor mediaType says what the manifest is');
  if (sent !== undefined && sent !== mediaType) throw invalid('Content-Type and mediaType differ');
  if (mediaType === MediaTypes.dockerSchema1 || mediaType === MediaTypes.dockerSchema1Signed)
    throw invalid('schema 1 manifests are not supported: push schema 2 or OCI');
  if (!isManifestMediaType(mediaType)) throw invalid('the media type is not one of a manifest');
  return mediaType;
}

/** A document that is both an image and an index would be a different thing to different clients (CVE-2021-41190). */
function parseImage(body: JsonObject, common: Common): ImageManifest {
  if (body.manifests != null) throw invalid('an image has no manifests');
  const layers = body.layers == null ? [] : parseList(body.layers, 'layers');
  return {
    kind: 'image',
    ...common,
    config: parseDescriptor(body.config, 'config'),
    layers: layers.map((layer, index) => parseDescriptor(layer, `layers[${index}]`)),
  };
}

function parseIndex(body: JsonObject, common: Common): IndexManifest {
  if (body.layers != null || body.config != null) throw invalid('an index has neither layers nor config');
  const manifests = body.manifests == null ? [] : parseList(body.manifests, 'manifests');
  return {
    kind: 'index',
    ...common,
    manifests: manifests.map((child, index) => parseDescriptor(child, `manifests[${index}]`)),
  };
}
