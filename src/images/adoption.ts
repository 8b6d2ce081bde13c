import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { type Failure, isFailure } from '../errors/failure.js';
import type { Digest } from '../oci/digest.js';
import type { Manifest } from '../oci/manifest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { Repositories } from '../repositories/repositories.js';
import { Blobs } from './blobs.js';
import { ConfigBlobs } from './config-blobs.js';
import { Manifests } from './manifests.js';
import { saveManifest, saveTag } from './manifests.store.js';
import { resolveImage, resolveIndex } from './references.js';

export interface AdoptedBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface AdoptedManifest {
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  /** When it was pushed. */
  readonly at: Date;
}

export interface AdoptedTag {
  readonly tag: Tag;
  readonly digest: Digest;
  readonly at: Date;
}

/** What could not be taken in, and why. */
export interface Refused<T> {
  readonly item: T;
  readonly failure: Failure;
}

/**
 * Takes in what is on the disk already and has no rows: as pushes would, without bytes, rights or events. What the index has stays as
 * it is. Each call is one transaction; the repository is created, private, with the first.
 */
@Injectable()
export class Adoption {
  constructor(
    private readonly repositories: Repositories,
    private readonly configs: ConfigBlobs,
    private readonly manifests: Manifests,
    private readonly blobs: Blobs,
    @Inject(CONFIG) private readonly config: { readonly registry: Pick<Config['registry'], 'sparseIndexes'> },
  ) {}

  /** Of blobs that are in the store. */
  async linkBlobs(name: RepositoryName, blobs: readonly AdoptedBlob[]): Promise<void> {
    await this.repositories.pushInto(name, null, async (tx, { id }) => {
      const now = Date.now();
      for (const { digest, size } of blobs) {
        await tx.sql`INSERT INTO blobs (digest, size, created_at) VALUES (${digest}, ${size}, ${now}) ON CONFLICT DO NOTHING`;
        await tx.sql`INSERT INTO blob_links (repository_id, digest, created_at) VALUES (${id}, ${digest}, ${now})
          ON CONFLICT DO NOTHING`;
      }
    });
    this.blobs.forget(
      name,
      blobs.map(({ digest }) => digest),
    );
  }

  /** Gives those that are not whole here: MANIFEST_BLOB_UNKNOWN may pass when others were taken in. */
  async addManifests(name: RepositoryName, items: readonly AdoptedManifest[]): Promise<Refused<AdoptedManifest>[]> {
    const refused: Refused<AdoptedManifest>[] = [];
    const platforms = new Map<AdoptedManifest, Awaited<ReturnType<ConfigBlobs['find']>>>();
    for (const item of items) {
      if (item.manifest.kind === 'image') platforms.set(item, await this.configs.find(name, item.manifest.config));
    }
    await this.repositories.pushInto(name, null, async (tx, { id }) => {
      for (const item of items) {
        try {
          if (await isThere(tx, id, item.digest)) continue;
          await this.#add(tx, id, item, platforms.get(item)?.platform);
        } catch (failure) {
          if (!isFailure(failure)) throw failure;
          refused.push({ item, failure });
        }
      }
    });
    this.manifests.forget(
      name,
      items.map(({ digest }) => digest),
    );
    return refused;
  }

  /** Gives those that point to nothing here. A tag that is there already stays where it points. */
  async addTags(name: RepositoryName, items: readonly AdoptedTag[]): Promise<AdoptedTag[]> {
    const refused: AdoptedTag[] = [];
    await this.repositories.pushInto(name, null, async (tx, { id }) => {
      for (const item of items) {
        const { tag, digest, at } = item;
        const [known] = await tx.sql<unknown[]>`SELECT 1 FROM tags WHERE repository_id = ${id} AND name = ${tag}`;
        if (known !== undefined) continue;
        const manifest = await isThere(tx, id, digest);
        if (manifest === undefined) refused.push(item);
        else await saveTag(tx, id, tag, { id: manifest.id, digest }, { at, by: null });
      }
    });
    this.manifests.forget(
      name,
      items.map(({ tag }) => tag),
    );
    return refused;
  }

  async #add(
    tx: EntityManager,
    id: number,
    { digest, bytes, manifest, at }: AdoptedManifest,
    platform: Parameters<typeof resolveImage>[3],
  ): Promise<void> {
    const sparse = this.config.registry.sparseIndexes;
    const resolved =
      manifest.kind === 'image'
        ? await resolveImage(tx, id, manifest, platform, sparse)
        : await resolveIndex(tx, id, manifest, sparse);
    await saveManifest(tx, id, { digest, bytes, manifest, resolved, pushed: { at, by: null } });
    await tx.sql`UPDATE repositories SET pushed_at = ${at.getTime()}
      WHERE id = ${id} AND (pushed_at IS NULL OR pushed_at < ${at.getTime()})`;
  }
}

async function isThere(tx: EntityManager, repositoryId: number, digest: Digest) {
  const [row] = await tx.sql<{ id: number }[]>`
    SELECT id FROM manifests WHERE repository_id = ${repositoryId} AND digest = ${digest}`;
  return row;
}
