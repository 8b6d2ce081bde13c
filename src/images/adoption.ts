import type { EntityManager } from 'typeorm';
import type { Changes } from '../changes/changes.js';
import type { Payload } from '../changes/kinds.js';
import type { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { type Failure, isFailure } from '../errors/failure.js';
import type { Platform } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { Manifest } from '../oci/manifest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { Repositories } from '../repositories/repositories.js';
import { saveBlob, saveLink } from './blobs.store.js';
import { ConfigBlobs } from './config-blobs.js';
import { manifestOf, saveManifest } from './manifests.store.js';
import { resolve } from './references.js';
import { saveTag } from './tags.store.js';

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
 * Takes in what is on the disk already and has no rows: as pushes would, without bytes, rights or events of the
 * audit. What the index has stays as it is, so nobody has to forget it, and that something is not there is never remembered. Each call is
 * one transaction and records one change, of what is new; the repository is created, private, with the first.
 */
export class Adoption {
  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly repositories: Repositories,
    private readonly configs: ConfigBlobs,
    private readonly config: { readonly registry: Pick<Config['registry'], 'sparseIndexes'> },
  ) {}

  /** Of blobs that are in the store. */
  async linkBlobs(name: RepositoryName, blobs: readonly AdoptedBlob[]): Promise<void> {
    await this.database.write(async (tx) => {
      const { id } = await this.repositories.ensure(tx, name, null);
      const digests: Digest[] = [];
      for (const { digest, size } of blobs) {
        await saveBlob(tx, digest, size);
        if (await saveLink(tx, id, digest)) digests.push(digest);
      }
      await this.#record(tx, id, { repository: name, digests, tags: [] });
    });
  }

  /** Gives those that are not whole here: MANIFEST_BLOB_UNKNOWN may pass when others were taken in. */
  async addManifests(name: RepositoryName, items: readonly AdoptedManifest[]): Promise<Refused<AdoptedManifest>[]> {
    const refused: Refused<AdoptedManifest>[] = [];
    const platforms = new Map<AdoptedManifest, Awaited<ReturnType<ConfigBlobs['find']>>>();
    for (const item of items) {
      if (item.manifest.kind === 'image') platforms.set(item, await this.configs.find(name, item.manifest.config));
    }
    await this.database.write(async (tx) => {
      const { id } = await this.repositories.ensure(tx, name, null);
      const digests: Digest[] = [];
      for (const item of items) {
        try {
          if (await manifestOf(tx, id, { kind: 'digest', digest: item.digest })) continue;
          await this.#add(tx, id, item, platforms.get(item)?.platform);
          digests.push(item.digest);
        } catch (failure) {
          if (!isFailure(failure)) throw failure;
          refused.push({ item, failure });
        }
      }
      await this.#record(tx, id, { repository: name, digests, tags: [] });
    });
    return refused;
  }

  /** Gives those that point to nothing here. A tag that is there already stays where it points. */
  async addTags(name: RepositoryName, items: readonly AdoptedTag[]): Promise<AdoptedTag[]> {
    const refused: AdoptedTag[] = [];
    await this.database.write(async (tx) => {
      const { id } = await this.repositories.ensure(tx, name, null);
      const tags: Tag[] = [];
      for (const item of items) {
        const { tag, digest, at } = item;
        if (await manifestOf(tx, id, { kind: 'tag', tag })) continue;
        const manifest = await manifestOf(tx, id, { kind: 'digest', digest });
        if (manifest === undefined) {
          refused.push(item);
          continue;
        }
        await saveTag(tx, id, tag, manifest, { at, by: null });
        tags.push(tag);
      }
      await this.#record(tx, id, { repository: name, digests: [], tags });
    });
    return refused;
  }

  async #record(tx: EntityManager, id: number, payload: Payload<'adoption'>): Promise<void> {
    if (payload.digests.length + payload.tags.length === 0) return;
    await this.changes.record(tx, { kind: 'adoption', id, payload });
  }

  async #add(
    tx: EntityManager,
    id: number,
    { digest, bytes, manifest, at }: AdoptedManifest,
    platform: Platform | undefined,
  ): Promise<void> {
    const found = { platform, sparse: this.config.registry.sparseIndexes };
    const resolved = await resolve(tx, id, manifest, found);
    await saveManifest(tx, id, { digest, bytes, manifest, resolved, pushed: { at, by: null } });
    await this.repositories.recordAdoption(tx, id, at);
  }
}
