import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { ReadCache } from '../async/read-cache.js';
import { Failure, isFailure } from '../errors/failure.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.js';
import { isImageConfigMediaType } from '../oci/media-type.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { BlobStore, type OpenBlob } from '../storage/blob-store.js';
import { Blobs } from './blobs.js';
import type { LinkedBlob } from './blobs.store.js';

/** Largest config that is looked into; real ones take a few kilobytes. */
const maxConfigBytes = 1024 * 1024;
/** Most bytes of configs remembered between requests: the tags of one image are pushed one after the other. */
const cacheBytes = 4 * 1024 * 1024;
/** What an entry takes beside the text of its config, about: a config of ten bytes has all its lists too. */
const entryBytes = 1024;

const openingBrace = 0x7b;

interface Parsed {
  readonly size: number;
  readonly config: ImageConfig | undefined;
}

/** Looks into image configs for what manifests leave out: platform, environment, history. */
export class ConfigBlobs {
  readonly #cache = new ReadCache<Digest, Parsed>(cacheBytes, ({ size }) => entryBytes + size);

  constructor(
    private readonly blobs: Blobs,
    private readonly store: BlobStore,
  ) {}

  /** Undefined when it is no image config, not in this repository, over 1 MiB, not JSON or lost. */
  async find(
    repository: RepositoryName,
    config: Pick<Descriptor, 'mediaType' | 'digest'>,
  ): Promise<ImageConfig | undefined> {
    try {
      return await this.read(repository, config);
    } catch (error) {
      if (isFailure(error, 'MANIFEST_BLOB_UNKNOWN')) return undefined;
      throw error;
    }
  }

  /** As {@link find}, but throws MANIFEST_BLOB_UNKNOWN when it was lost: pushing it again brings it back. */
  async read(
    repository: RepositoryName,
    { mediaType, digest }: Pick<Descriptor, 'mediaType' | 'digest'>,
  ): Promise<ImageConfig | undefined> {
    if (!isImageConfigMediaType(mediaType)) return undefined;
    const blob = await this.blobs.find(repository, digest);
    if (!blob || blob.size > maxConfigBytes) return undefined;
    const parsed = this.#cache.get(digest) ?? (await this.#cache.fill(digest, () => this.#parse(digest, blob)));
    return parsed.config;
  }

  /** Takes verified bytes that are at hand for the push of a manifest that is likely to follow; what is no JSON object is no config. */
  note(digest: Digest, bytes: Uint8Array): void {
    const { length: size } = bytes;
    if (bytes[0] === openingBrace)
      void this.#cache.fill(digest, async () => ({ size, config: parseImageConfig(bytes) }));
  }

  /** As it was pushed, whatever it is. Throws BLOB_UNKNOWN when it was lost. */
  async open(digest: Digest): Promise<OpenBlob> {
    const blob = await this.store.open(digest);
    if (blob === undefined) throw new Failure('BLOB_UNKNOWN');
    return blob;
  }

  async #parse(digest: Digest, { size }: LinkedBlob): Promise<Parsed> {
    return { size, config: parseImageConfig(await buffer(await this.#open(digest))) };
  }

  async #open(digest: Digest): Promise<Readable> {
    try {
      return await this.store.read(digest);
    } catch (error) {
      if (isFailure(error, 'BLOB_UNKNOWN')) throw new Failure('MANIFEST_BLOB_UNKNOWN', { detail: { digest } });
      throw error;
    }
  }
}
