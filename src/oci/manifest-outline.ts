import { cutText } from '../text/cut-text.js';
import type { Platform } from './descriptor.js';
import { type Digest, isDigest } from './digest.js';
import { type Entry, JsonText, type Most, type Place } from './json-text.js';
import { longestMediaType } from './media-type.js';

/** What there is to show of a manifest, however large it is: its beginning, and how much there is. */
export interface ManifestOutline {
  /** Of an image. */
  readonly config: OutlinedDescriptor | undefined;
  /** The first layers of an image, base first, or the first manifests of an index. */
  readonly contents: readonly OutlinedDescriptor[];
  readonly contentCount: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly annotationCount: number;
  /** The document as it was pushed, or its beginning. */
  readonly raw: string;
  readonly rawIsWhole: boolean;
}

export interface OutlinedDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
}

/** Texts longer than these are cut. */
const longestPlatform = 64;
const longestDigest = 255;
const longestNote = 4096;
const contents: Most = { count: 200, bytes: 96 * 1024 };
const notes: Most = { count: 200, bytes: 64 * 1024 };
const rawBytes = 64 * 1024;

/** Of the bytes of a manifest that was parsed when it came. */
export function outlineManifest(bytes: Uint8Array): ManifestOutline {
  const json = new JsonText(bytes);
  const body = json.pick(json.knownRoot(), 'config', 'layers', 'manifests', 'annotations');
  const list = json.list(body.layers) ?? json.list(body.manifests);
  const read = ({ value }: Entry) => readDescriptor(json, value);
  const annotations = json.object(body.annotations);
  return {
    config: readDescriptor(json, body.config),
    contents: json.take(list, contents, read),
    contentCount: list?.count ?? 0,
    annotations: json.texts(annotations, notes, longestNote),
    annotationCount: annotations?.count ?? 0,
    raw: new TextDecoder().decode(bytes.subarray(0, rawBytes)),
    rawIsWhole: bytes.length <= rawBytes,
  };
}

/** As a media type is shown: whatever is longer is none. */
export function shownType(text: string): string {
  return cutText(text, longestMediaType);
}

function readDescriptor(json: JsonText, place: Place | undefined): OutlinedDescriptor | undefined {
  const found = json.pick(json.object(place), 'mediaType', 'digest', 'size', 'platform');
  const digest = json.text(found.digest, longestDigest);
  const size = json.number(found.size);
  if (digest === undefined || !isDigest(digest) || size === undefined) return undefined;
  const platform = readPlatform(json, found.platform);
  const mediaType = json.text(found.mediaType, longestMediaType) ?? '';
  return { mediaType, digest, size, ...(platform && { platform }) };
}

function readPlatform(json: JsonText, place: Place | undefined): Platform | undefined {
  const found = json.pick(json.object(place), 'os', 'architecture', 'variant');
  const os = json.text(found.os, longestPlatform);
  const architecture = json.text(found.architecture, longestPlatform);
  if (!os || !architecture) return undefined;
  const variant = json.text(found.variant, longestPlatform);
  return { os, architecture, ...(variant && { variant }) };
}
