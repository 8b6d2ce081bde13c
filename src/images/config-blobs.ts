import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import type { Descriptor } from '../oci/descriptor.js';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.js';
import { isImageConfigMediaType } from '../oci/media-type.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { BlobStore } from '../storage/blob-store.js';
import { Blobs } from './blobs.js';

/** Largest config that is looked into; real ones take a few kilobytes. */
const maxConfigBytes = 1024 * 1024;

/** Looks into image configs for what manifests leave out: platform, environment, history. */
@Injectable()
export class ConfigBlobs {
  constructor(
    private readonly blobs: Blobs,
    private readonly store: BlobStore,
  ) {}

  /** Undefined when it is no image config, not in this repository, over 1 MiB or not JSON. */
  async find(repository: RepositoryName, { mediaType, digest }: Descriptor): Promise<ImageConfig | undefined> {
    if (!isImageConfigMediaType(mediaType)) return undefined;
    const blob = await this.blobs.find(repository, digest);
    if (!blob || blob.size > maxConfigBytes) return undefined;
    return parseImageConfig(await buffer(await this.store.read(digest)));
  }
}
