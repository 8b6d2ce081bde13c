import type { Readable } from 'node:stream';
import { Slots } from '../../async/slots.js';
import type { ByteRange } from '../../oci/byte-range.js';
import type { Descriptor } from '../../oci/descriptor.js';
import type { Digest } from '../../oci/digest.js';
import type { Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { BlobSource, BlobStat, ManifestRef, Patience, RawManifest, Registry } from '../registry.js';
import { Deadline } from './deadline.js';
import { Exchange, type RemoteSettings } from './exchange.js';
import { defaultLimits, type RemoteLimits } from './limits.js';
import { RemoteBlobs } from './remote-blobs.js';
import { RemoteLists } from './remote-lists.js';
import { RemoteManifests } from './remote-manifests.js';
import type { Waiting } from './retries.js';

/** Somebody else's registry, over HTTP. Make one for a registry and its credentials, and share it: its limits and tokens are for all who ask. */
export class RemoteRegistry implements Registry {
  readonly #exchange: Exchange;
  readonly #limits: RemoteLimits;
  readonly #calls: Slots;
  readonly #blobs: RemoteBlobs;
  readonly #manifests: RemoteManifests;
  readonly #lists: RemoteLists;

  constructor(settings: RemoteSettings, limits: Partial<RemoteLimits> = {}, waiting?: Waiting) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#exchange = new Exchange(settings, this.#limits, waiting);
    this.#calls = new Slots(this.#limits.calls);
    this.#blobs = new RemoteBlobs(this.#exchange, this.#limits);
    this.#manifests = new RemoteManifests(this.#exchange, this.#limits);
    this.#lists = new RemoteLists(this.#exchange, this.#manifests, this.#limits);
  }

  statManifest(at: ManifestRef, patience?: Patience): Promise<Descriptor | undefined> {
    return this.#call(patience, (signal) => this.#manifests.stat(at, signal));
  }

  getManifest(at: ManifestRef, patience?: Patience): Promise<RawManifest> {
    return this.#call(patience, (signal) => this.#manifests.get(at, signal));
  }

  putManifest(at: ManifestRef, manifest: Pick<RawManifest, 'mediaType' | 'bytes'>, patience?: Patience) {
    return this.#call(patience, (signal) => this.#manifests.put(at, manifest, signal));
  }

  deleteManifest(at: ManifestRef, patience?: Patience): Promise<void> {
    return this.#call(patience, (signal) => this.#manifests.delete(at, signal));
  }

  statBlob(repository: RepositoryName, digest: Digest, patience?: Patience): Promise<BlobStat | undefined> {
    return this.#call(patience, (signal) => this.#blobs.stat(repository, digest, signal));
  }

  readBlob(
    repository: RepositoryName,
    digest: Digest,
    range?: ByteRange,
    { signal }: Patience = {},
  ): Promise<Readable> {
    return this.#blobs.read(repository, digest, range, signal);
  }

  writeBlob(repository: RepositoryName, blob: BlobStat, source: BlobSource, { signal }: Patience = {}): Promise<void> {
    return this.#blobs.write(repository, blob, source, signal);
  }

  mountBlob(repository: RepositoryName, digest: Digest, from: RepositoryName, patience?: Patience): Promise<boolean> {
    return this.#call(patience, (signal) => this.#blobs.mount(repository, digest, from, signal));
  }

  listTags(repository: RepositoryName, patience?: Patience): AsyncIterable<readonly Tag[]> {
    return this.#lists.tags(repository, (work) => this.#call(patience, work));
  }

  listReferrers(repository: RepositoryName, digest: Digest, artifactType?: string, patience?: Patience) {
    return this.#call(patience, (signal) => this.#lists.referrers(repository, digest, artifactType, signal));
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#exchange.wire.close();
  }

  async #call<T>({ signal }: Patience = {}, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new Deadline(this.#limits.callMs, this.#exchange.host, signal);
    try {
      return await this.#calls.run(() => work(deadline.signal), deadline.signal);
    } finally {
      deadline.end();
    }
  }
}
