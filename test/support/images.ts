import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tar } from './tar.js';

/** Content with its own address, as registries store it. */
export interface Content {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface ImageSpec {
  /** The same seed and sizes make the same image, byte for byte. */
  readonly seed: string;
  /** Bytes of random, incompressible content per layer. */
  readonly layers: readonly number[];
  readonly platform?: Platform;
}

/** An image as it goes over the wire, with what an archive needs besides. */
export interface BuiltImage {
  readonly kind: 'image';
  readonly manifest: Content;
  readonly config: Content;
  readonly layers: readonly Content[];
  /** The layers before compression. */
  readonly layerTars: readonly Buffer[];
  readonly platform: Platform;
}

export interface BuiltIndex {
  readonly kind: 'index';
  readonly manifest: Content;
  readonly images: readonly BuiltImage[];
}

export type Built = BuiltImage | BuiltIndex;

/** What OCI calls the parts of an image. */
export const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

export const KiB = 1024;
export const MiB = 1024 * KiB;

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function content(mediaType: string, bytes: Buffer): Content {
  return { mediaType, bytes, digest: sha256(bytes) };
}

/** `size` bytes that look random and depend only on the seed. */
export function randomBytesOf(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** An image that every client can push, pull and unpack, made without any of them. */
export function buildImage(spec: ImageSpec): BuiltImage {
  const platform = spec.platform ?? { os: 'linux', architecture: 'amd64' };
  const layerTars = spec.layers.map((size, index) => {
    const name = `layer-${index}`;
    const seed = `${spec.seed}/${platform.architecture}/${index}`;
    return tar([{ name, bytes: randomBytesOf(seed, size) }]);
  });
  // Level 0: clients expect gzip, and random bytes do not shrink anyway.
  const layers = layerTars.map((bytes) => content(types.layer, gzipSync(bytes, { level: 0 })));
  const config = json(types.config, {
    created: '2024-01-01T00:00:00Z',
    ...platform,
    config: { Cmd: ['/layer-0'], Labels: { seed: spec.seed } },
    rootfs: { type: 'layers', diff_ids: layerTars.map(sha256) },
    history: layerTars.map((_, index) => ({ created: '2024-01-01T00:00:00Z', created_by: `layer ${index}` })),
  });
  const manifest = json(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { kind: 'image', manifest, config, layers, layerTars, platform };
}

/** An index over one image per platform; without platforms, amd64 and arm64. */
export function buildIndex(spec: ImageSpec & { readonly platforms?: readonly Platform[] }): BuiltIndex {
  const platforms = spec.platforms ?? [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64', variant: 'v8' },
  ];
  const images = platforms.map((platform) => buildImage({ ...spec, platform }));
  const manifest = json(types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: images.map((image) => ({ ...descriptor(image.manifest), platform: image.platform })),
  });
  return { kind: 'index', manifest, images };
}

/** Everything below a manifest that is a blob, each digest once. */
export function blobsOf(built: Built): readonly Content[] {
  const all =
    built.kind === 'image' ? [built.config, ...built.layers] : built.images.flatMap((image) => blobsOf(image));
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()];
}

/** The manifests in the order in which a registry accepts them: children before their index. */
export function manifestsOf(built: Built): readonly Content[] {
  return built.kind === 'image' ? [built.manifest] : [...built.images.map((image) => image.manifest), built.manifest];
}

/** Writes an OCI image layout directory (image-spec, image-layout.md) whose references are the keys of `tagged`. */
export async function writeLayout(directory: string, tagged: Readonly<Record<string, Built>>): Promise<void> {
  const blobs = join(directory, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const built of Object.values(tagged)) {
    for (const { digest, bytes } of [...blobsOf(built), ...manifestsOf(built)]) {
      await writeFile(join(blobs, digest.slice('sha256:'.length)), bytes);
    }
  }
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const manifests = Object.entries(tagged).map(([tag, { manifest }]) => ({
    ...descriptor(manifest),
    annotations: { 'org.opencontainers.image.ref.name': tag },
  }));
  await writeFile(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests }),
  );
}

/** Writes the archive that `docker load` reads, holding one image under one name (`host/repository:tag`). */
export async function writeDockerArchive(file: string, image: BuiltImage, name: string): Promise<void> {
  const config = `${image.config.digest.slice('sha256:'.length)}.json`;
  const layers = image.layerTars.map((bytes, index) => ({ name: `layer-${index}.tar`, bytes }));
  const manifest = [{ Config: config, RepoTags: [name], Layers: layers.map((layer) => layer.name) }];
  const entries = [
    ...layers,
    { name: config, bytes: image.config.bytes },
    { name: 'manifest.json', bytes: Buffer.from(JSON.stringify(manifest)) },
  ];
  await writeFile(file, tar(entries));
}

/** How a manifest names content. */
export function descriptor({ mediaType, digest, bytes }: Content): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: bytes.length };
}

/** The config of an image that is no image, as artifacts have it. */
export const emptyConfig = content('application/vnd.oci.empty.v1+json', Buffer.from('{}'));

/** A manifest of any fields, indented as no registry would write it. */
export function manifestOf(fields: object, mediaType = types.manifest): Content {
  return content(mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }, null, 3)));
}

export function json(mediaType: string, value: unknown): Content {
  return content(mediaType, Buffer.from(JSON.stringify(value)));
}
