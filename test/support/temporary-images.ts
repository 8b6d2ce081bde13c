import { Readable } from 'node:stream';
import { anonymous } from '../../src/access/principal.js';
import { Changes } from '../../src/changes/changes.js';
import type { Database } from '../../src/database/database.js';
import { Adoption } from '../../src/images/adoption.js';
import { Blobs } from '../../src/images/blobs.js';
import { BlobLinkStore } from '../../src/images/blobs.store.js';
import { ConfigBlobs } from '../../src/images/config-blobs.js';
import { Details } from '../../src/images/details.js';
import { Images } from '../../src/images/images.js';
import { Manifests } from '../../src/images/manifests.js';
import { ManifestStore } from '../../src/images/manifests.store.js';
import { Referrers } from '../../src/images/referrers.js';
import { ReferrerStore } from '../../src/images/referrers.store.js';
import { RemovedRepositories } from '../../src/images/removed-repositories.js';
import { TagHistory } from '../../src/images/tag-history.store.js';
import { Tags } from '../../src/images/tags.js';
import { TagStore } from '../../src/images/tags.store.js';
import { Totals } from '../../src/images/totals.store.js';
import type { Descriptor } from '../../src/oci/descriptor.js';
import { type Digest, digestOf } from '../../src/oci/digest.js';
import { parseManifest } from '../../src/oci/manifest.js';
import { MediaTypes } from '../../src/oci/media-type.js';
import { parseReference, parseTag } from '../../src/oci/reference.js';
import { parseRepositoryName, type RepositoryName } from '../../src/oci/repository-name.js';
import { Repositories } from '../../src/repositories/repositories.js';
import { RepositoryEntity } from '../../src/repositories/repository.entity.js';
import type { BlobStore } from '../../src/storage/blob-store.js';
import { MemoryBlobStore } from '../../src/storage/memory-blob-store.js';
import { MemoryUploadSpool } from '../../src/storage/memory-upload-spool.js';
import { silentLog, temporaryDatabase } from './temporary-database.js';

export interface TemporaryImages {
  readonly images: Images;
  readonly adoption: Adoption;
  readonly changes: Changes;
  readonly repositories: Repositories;
  readonly database: Database;
  /** Of the database. */
  readonly file: string;
  readonly store: BlobStore;
  /** Stores content and links it in the repository. */
  addBlob(repository: RepositoryName, bytes: Buffer | string, mediaType?: string): Promise<Descriptor>;
  /** Pushes a manifest document by tag or digest; its media type is the one in the document. */
  push(repository: RepositoryName, reference: string, document: object, extraTags?: string[]): Promise<Digest>;
  /** An image with one layer, which is its seed. */
  pushImage(repository: RepositoryName, reference: string, seed: string, more?: object): Promise<Descriptor>;
  remove(): Promise<void>;
}

/** The image index over a real database and blobs in memory. */
export async function temporaryImages(options: { readonly sparseIndexes?: boolean } = {}): Promise<TemporaryImages> {
  const { sparseIndexes = false } = options;
  const { database, file, remove } = await temporaryDatabase({ entities: [RepositoryEntity] });
  const changes = new Changes(database);
  const repositories = new Repositories(database, changes);
  new RemovedRepositories(database, repositories, silentLog);
  const store = new MemoryBlobStore();
  const spool = new MemoryUploadSpool();
  const blobs = new Blobs(database, changes, new BlobLinkStore(database), repositories);
  const configs = new ConfigBlobs(blobs, store);
  const referrers = new Referrers(new ReferrerStore(database));
  const manifestStore = new ManifestStore(database);
  const tagStore = new TagStore(database);
  const manifests = new Manifests(database, changes, manifestStore, repositories, configs, {
    registry: { sparseIndexes },
  });
  const images = new Images(
    manifests,
    new Tags(tagStore),
    new TagHistory(database),
    blobs,
    referrers,
    configs,
    new Details(manifestStore, tagStore, manifests, configs, referrers),
    new Totals(database),
  );

  async function addBlob(
    repository: RepositoryName,
    content: Buffer | string,
    mediaType: string = MediaTypes.ociLayer,
  ) {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    const session = await spool.create();
    await spool.append(session, Readable.from([bytes]));
    await store.adopt(digest, await spool.seal(session, digest));
    await images.linkBlob(repository, { digest, size: bytes.length }, anonymous);
    return { mediaType, digest, size: bytes.length };
  }

  async function push(repository: RepositoryName, reference: string, document: object, extraTags: string[] = []) {
    const bytes = Buffer.from(JSON.stringify(document));
    const { digest } = await images.putManifest({
      repository,
      reference: parseReference(reference),
      extraTags: extraTags.map(parseTag),
      bytes,
      manifest: parseManifest(bytes, undefined),
      by: anonymous,
    });
    return digest;
  }

  async function pushImage(repository: RepositoryName, reference: string, seed: string, more: object = {}) {
    const config = await addBlob(repository, JSON.stringify(imageConfig(seed)), MediaTypes.ociConfig);
    const document = imageManifest(config, [await addBlob(repository, seed)], more);
    const digest = await push(repository, reference, document);
    return { mediaType: MediaTypes.ociManifest, digest, size: Buffer.byteLength(JSON.stringify(document)) };
  }

  const adoption = new Adoption(database, changes, repositories, configs, {
    registry: { sparseIndexes },
  });
  return { images, adoption, changes, repositories, database, file, store, addBlob, push, pushImage, remove };
}

export const app = parseRepositoryName('team/app');
export const other = parseRepositoryName('other/app');
/** No repository of the index. */
export const unknown = parseRepositoryName('nobody/knows');
/** Of content that no repository has. */
export const missing = digestOf(Buffer.from('nobody has this'));

export function imageConfig(seed: string, more: object = {}): object {
  return { architecture: 'amd64', os: 'linux', author: seed, rootfs: { type: 'layers', diff_ids: [] }, ...more };
}

export function imageManifest(config: Descriptor, layers: readonly Descriptor[], more: object = {}): object {
  return { schemaVersion: 2, mediaType: MediaTypes.ociManifest, config, layers, ...more };
}

export function imageIndex(manifests: readonly object[], more: object = {}): object {
  return { schemaVersion: 2, mediaType: MediaTypes.ociIndex, manifests, ...more };
}
