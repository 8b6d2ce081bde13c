import { Failure } from '../errors/failure.js';
import { type Digest, isDigest } from './digest.js';

/** What a piece of content is, how large, and under which digest (image-spec "descriptor"). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
  /** The content itself in base64, as some clients embed it; not trusted and never used. */
  readonly data?: string;
}

/** What an image runs on (image-spec "image-index"). Attestations carry `unknown/unknown`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
}

/** As docker prints it: `linux/arm64/v8`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

/** False for the `unknown/unknown` of attestations, which no machine runs. */
export function isRunnable({ os, architecture }: Platform): boolean {
  return os !== 'unknown' && architecture !== 'unknown';
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A descriptor out of parsed JSON; `where` names it in the MANIFEST_INVALID that a malformed one throws. Null members count as absent: Go writes them. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isJsonObject(value)) throw invalid(`${where} is not a descriptor`);
  const { mediaType, digest, size, urls } = value;
  if (typeof mediaType !== 'string' || mediaType === '') throw invalid(`${where}.mediaType is missing`);
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(`${where}.digest is not a digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid(`${where}.size is not a size`);
  return {
    mediaType,
    digest,
    size,
    platform: parsePlatform(value.platform, `${where}.platform`),
    artifactType: parseText(value.artifactType, `${where}.artifactType`),
    annotations: parseAnnotations(value.annotations, `${where}.annotations`),
    urls: urls == null ? undefined : parseList(urls, `${where}.urls`).map((url) => requireText(url, `${where}.urls`)),
    data: parseText(value.data, `${where}.data`),
  };
}

/** Strings by any key, `__proto__` included: the very object that was parsed, because copying it key by key would lose that one. */
export function parseAnnotations(value: unknown, where: string): Readonly<Record<string, string>> | undefined {
  if (value == null) return undefined;
  if (!isJsonObject(value) || !isTextual(value)) throw invalid(`${where} is not a map of strings`);
  return value;
}

/** Throws MANIFEST_INVALID for anything but a string, null or undefined. */
export function parseText(value: unknown, where: string): string | undefined {
  return value == null ? undefined : requireText(value, where);
}

/** Throws MANIFEST_INVALID for anything but an array. */
export function parseList(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`);
  return value;
}

/** MANIFEST_INVALID for this reason. */
export function invalid(message: string): Failure {
  return new Failure('MANIFEST_INVALID', { message });
}

function parsePlatform(value: unknown, where: string): Platform | undefined {
  if (value == null) return undefined;
  if (!isJsonObject(value)) throw invalid(`${where} is not a platform`);
  const os = parseText(value.os, `${where}.os`);
  const architecture = parseText(value.architecture, `${where}.architecture`);
  const variant = parseText(value.variant, `${where}.variant`);
  const version = parseText(value['os.version'], `${where}.os.version`);
  // Some indexes of artifacts carry an empty platform: the same as none.
  if (!os || !architecture) return undefined;
  return { os, architecture, ...(variant && { variant }), ...(version && { 'os.version': version }) };
}

function requireText(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(`${where} is not a string`);
  return value;
}

function isTextual(value: JsonObject): value is Readonly<Record<string, string>> {
  return Object.values(value).every((entry) => typeof entry === 'string');
}
