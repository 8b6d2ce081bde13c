import { isFailure } from '../errors/failure.js';
import type { AdoptedManifest, AdoptedTag, Adoption } from '../images/adoption.js';
import type { Digest } from '../oci/digest.js';
import { type Manifest, parseFoundManifest } from '../oci/manifest.js';
import type { RepositoryName } from '../oci/repository-name.js';
import type { BlobStore } from '../storage/blob-store.js';
import type { LayoutReader, LinkedDigest } from './layout-reader.js';
import { layoutPaths } from './layout-tree.js';
import type { Mirrored, MirrorProblem } from './mirror.js';

export interface ReindexParts {
  readonly reader: LayoutReader;
  readonly adoption: Adoption;
  readonly store: BlobStore;
  /** Bytes of the largest manifest. */
  readonly longestManifest: number;
  readonly tell: (problem: MirrorProblem) => void;
  /** Hears how much was found, from time to time. */
  readonly report: (sum: Mirrored) => void;
  /** Asked between batches. */
  readonly stopped: () => boolean;
}

/** Rows of one transaction: other writes wait for no more than these. */
const batchSize = 50;
const batchBytes = 1024 * 1024;

/**
 * Takes every image of the layout on the disk into the index, without copying or reading layers: links first, then images, then the
 * indexes that hold them, then tags. Done again, or after a kill from the beginning, it goes on where it was, because what is in the
 * index is left alone.
 */
export class Reindex {
  readonly #sum: Mirrored = { repositories: 0, manifests: 0, tags: 0, links: 0 };

  constructor(private readonly parts: ReindexParts) {}

  async run(): Promise<void> {
    for await (const name of this.parts.reader.repositories()) {
      await this.#links(name);
      await this.#manifests(name);
      await this.#tags(name);
      this.#count({ repositories: 1 });
    }
  }

  /**
   * A link to a blob that is not there is what Distribution leaves when it collects garbage. An image that needs the blob is told
   * when its manifest is refused.
   */
  async #links(name: RepositoryName): Promise<void> {
    for await (const links of batches(this.parts.reader.layers(name), () => 0)) {
      const blobs = [];
      for (const { digest } of links) {
        const file = await this.parts.store.stat(digest);
        if (file !== undefined) blobs.push({ digest, size: file.size });
      }
      if (blobs.length > 0) await this.parts.adoption.linkBlobs(name, blobs);
      this.#count({ links: blobs.length });
    }
  }

  /** Indexes after images, and again as long as one more of them is whole: an index may hold others. */
  async #manifests(name: RepositoryName): Promise<void> {
    let waiting = await this.#add(name, this.parts.reader.revisions(name), 'image');
    for (let before = Number.POSITIVE_INFINITY; waiting.length > 0 && waiting.length < before; ) {
      before = waiting.length;
      waiting = await this.#add(name, each(waiting), 'index');
    }
    for (const { digest, reason } of waiting) {
      const advice = 'an index without some of its images is taken in with BERTH_SPARSE_INDEXES=true';
      this.parts.tell({ path: layoutPaths.revision(name, digest), reason: `${reason}; ${advice}` });
    }
  }

  /** Adds what is of this kind; gives the indexes that are still to be added. */
  async #add(name: RepositoryName, links: AsyncIterable<LinkedDigest>, kind: Manifest['kind']): Promise<Waiting[]> {
    const waiting: Waiting[] = [];
    const found = async function* (this: Reindex): AsyncGenerator<AdoptedManifest> {
      for await (const { digest, at } of links) {
        const entry = await this.#read(name, digest, at);
        if (entry === undefined) continue;
        if (entry.manifest.kind === kind) yield entry;
        else waiting.push({ digest, at, reason: '' });
      }
    };
    for await (const batch of batches(found.call(this), ({ bytes }) => bytes.length)) {
      const refused = await this.parts.adoption.addManifests(name, batch);
      for (const { item, failure } of refused) {
        const { digest, at } = item;
        const reason = `${failure.message}${missingIn(failure.detail)}`;
        if (kind === 'index' && failure.code === 'MANIFEST_BLOB_UNKNOWN') waiting.push({ digest, at, reason });
        else this.parts.tell({ path: layoutPaths.revision(name, digest), reason });
      }
      this.#count({ manifests: batch.length - refused.length });
    }
    return waiting;
  }

  async #tags(name: RepositoryName): Promise<void> {
    for await (const batch of batches<AdoptedTag>(this.parts.reader.tags(name), () => 0)) {
      const refused = await this.parts.adoption.addTags(name, batch);
      for (const { tag, digest } of refused) {
        this.parts.tell({ path: layoutPaths.tag(name, tag), reason: `${digest} is not an image of this repository` });
      }
      this.#count({ tags: batch.length - refused.length });
    }
  }

  async #read(name: RepositoryName, digest: Digest, at: Date): Promise<AdoptedManifest | undefined> {
    const bytes = await this.parts.reader.content(digest, this.parts.longestManifest);
    if (bytes === undefined) return undefined;
    try {
      return { digest, bytes, at, manifest: parseFoundManifest(bytes) };
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.parts.tell({ path: layoutPaths.revision(name, digest), reason: error.message });
      return undefined;
    }
  }

  #count(more: Partial<Mirrored>): void {
    for (const key of ['repositories', 'manifests', 'tags', 'links'] as const) this.#sum[key] += more[key] ?? 0;
    this.parts.report({ ...this.#sum });
    if (this.parts.stopped()) throw new Error('stopped');
  }
}

/** An index that is not whole yet. */
interface Waiting extends LinkedDigest {
  readonly reason: string;
}

function missingIn(detail: unknown): string {
  return typeof detail === 'object' && detail !== null && 'digest' in detail ? ` (${String(detail.digest)})` : '';
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** As many as make one transaction, by count and by bytes. */
async function* batches<T>(items: AsyncIterable<T>, bytesOf: (item: T) => number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for await (const item of items) {
    batch.push(item);
    bytes += bytesOf(item);
    if (batch.length < batchSize && bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
