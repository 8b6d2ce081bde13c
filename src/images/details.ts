import { setImmediate as turn } from 'node:timers/promises';

import { Mutex } from '../async/mutex.js';
import { Failure } from '../errors/failure.js';
import { formatPlatform, isRunnable } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { HistoryStep, ImageConfig } from '../oci/image-config.js';
import { type ManifestOutline, type OutlinedDescriptor, outlineManifest, shownType } from '../oci/manifest-outline.js';
import { isForeignLayerMediaType } from '../oci/media-type.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { saturated } from '../oci/saturated.js';
import type { OpenBlob } from '../storage/blob-store.js';
import { ConfigBlobs } from './config-blobs.js';
import { Manifests } from './manifests.js';
import { type ManifestFacts, ManifestStore, type StoredManifest } from './manifests.store.js';
import { splitPlatforms } from './platforms.js';
import { digestsOf } from './references.js';
import { type BriefReferrer, Referrers } from './referrers.js';
import { TagStore } from './tags.store.js';

/** Everything known about one manifest. However large it is, this is not: lists have their beginning, `counts` says how much there is. */
export type ImageDetail = ImageFacts & ImageDocument & (ImageContent | IndexContent);

/** What the index knows of it. */
export interface ImageFacts {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  /** Bytes of the manifest. */
  readonly size: number;
  /** Bytes a full pull transfers; of an index, all its children; see {@link saturated}. */
  readonly totalSize: number;
  /** `linux/amd64`; the first 32. */
  readonly platforms: readonly string[];
  readonly pushedAt: Date;
  /** Username; null when the account is gone. */
  readonly pushedBy: string | null;
  /** That point to it, in byte order; the first 100. */
  readonly tags: readonly Tag[];
  readonly hasMoreTags: boolean;
  /** In the order of their digests; the first 100. */
  readonly referrers: readonly BriefReferrer[];
  readonly hasMoreReferrers: boolean;
}

/** What the manifest itself says. */
export interface ImageDocument {
  /** The first 200. */
  readonly annotations: Readonly<Record<string, string>>;
  /** In the manifest; those of the config are with the config. */
  readonly counts: Readonly<Record<'annotations' | 'layers' | 'manifests', number>>;
  /** The manifest as it was pushed, or its first 64 KiB. */
  readonly raw: string;
  readonly rawIsWhole: boolean;
}

export interface ImageContent {
  readonly kind: 'image';
  readonly configDigest: Digest;
  /** Undefined when it is no image config, over 1 MiB or malformed. */
  readonly config: ImageConfig | undefined;
  /** Base first; the first 200. */
  readonly layers: readonly ImageLayer[];
  /** Oldest first, the first 200; `size` where a step and its layer could be told. */
  readonly history: readonly (HistoryStep & { readonly size?: number })[];
}

export interface ImageLayer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** Not stored here. */
  readonly foreign: boolean;
  /** The instruction that made it, where the history tells. */
  readonly command?: string;
}

export interface IndexContent {
  readonly kind: 'index';
  /** In the order of the index, without attestations: those among its first 200 manifests. */
  readonly children: readonly ImageChild[];
  readonly attestations: readonly ImageChild[];
}

export interface ImageChild {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly platform?: string;
  /** Bytes a full pull of it transfers, as far as known. */
  readonly totalSize: number;
  /** False for a child that is not in this repository. */
  readonly present: boolean;
}

/** Tags and referrers shown with an image. */
const shown = 100;

/** Bytes from which a manifest waits for its turn. */
const largeBytes = 256 * 1024;

/** Outlines of manifests that are looked at again and again; they go when the index forgets the manifest. */
const outlines = new WeakMap<StoredManifest, ManifestOutline>();

/** What pages show of images beyond lists. */
export class Details {
  readonly #large = new Mutex();

  constructor(
    private readonly store: ManifestStore,
    private readonly tags: TagStore,
    private readonly manifests: Manifests,
    private readonly configs: ConfigBlobs,
    private readonly referrers: Referrers,
  ) {}

  /** Undefined when there is no such manifest. Throws CONTENT_DAMAGED when its bytes do not have its digest. */
  async describe(repository: RepositoryName, digest: Digest): Promise<ImageDetail | undefined> {
    const row = await this.store.facts(repository, digest);
    const outline = row && (await this.#outline(repository, row));
    if (!row || !outline) return undefined;
    const document: ImageDocument = {
      annotations: outline.annotations,
      counts: {
        annotations: outline.annotationCount,
        layers: row.configDigest === null ? 0 : outline.contentCount,
        manifests: row.configDigest === null ? outline.contentCount : 0,
      },
      raw: outline.raw,
      rawIsWhole: outline.rawIsWhole,
    };
    const content =
      row.configDigest === null
        ? await this.#describeIndex(outline, row.repositoryId)
        : describeImage(
            row.configDigest,
            outline,
            outline.config && (await this.configs.find(repository, outline.config)),
          );
    return { ...(await this.#toFacts(repository, row)), ...document, ...content };
  }

  /** What is known of it without looking into it, and so of a damaged one too. Undefined when there is no such manifest. */
  async summarize(repository: RepositoryName, digest: Digest): Promise<ImageFacts | undefined> {
    const row = await this.store.facts(repository, digest);
    return row && (await this.#toFacts(repository, row));
  }

  /** The config of an image as it was pushed. Throws MANIFEST_UNKNOWN, and BLOB_UNKNOWN for an index. Whoever opened it closes it. */
  async openConfig(repository: RepositoryName, digest: Digest): Promise<OpenBlob> {
    const row = await this.store.facts(repository, digest);
    if (row === undefined) throw new Failure('MANIFEST_UNKNOWN');
    if (row.configDigest === null) throw new Failure('BLOB_UNKNOWN');
    return this.configs.open(row.configDigest);
  }

  /** Large ones one at a time and step by step, however many are asked for: reading, checking and outlining 4 MiB takes some 12 ms. */
  async #outline(repository: RepositoryName, { digest, size }: ManifestFacts): Promise<ManifestOutline | undefined> {
    const find = () => this.manifests.find(repository, { kind: 'digest', digest });
    if (Number(size) <= largeBytes) {
      const stored = await find();
      return stored && outlineOf(stored);
    }
    return this.#large.run(async () => {
      await turn();
      const stored = await find();
      if (stored !== undefined && !outlines.has(stored)) await turn();
      return stored && outlineOf(stored);
    });
  }

  async #toFacts(repository: RepositoryName, row: ManifestFacts): Promise<ImageFacts> {
    const { id, repositoryId, configDigest: _, ...plain } = row;
    const tags = await this.tags.ofManifest({ manifestId: id, repositoryId }, shown + 1);
    const referrers = await this.referrers.brief(repository, row.digest, shown + 1);
    return {
      ...plain,
      artifactType: row.artifactType && shownType(row.artifactType),
      size: Number(row.size),
      totalSize: saturated(Number(row.totalSize)),
      platforms: splitPlatforms(row.platforms),
      pushedAt: new Date(Number(row.pushedAt)),
      tags: tags.slice(0, shown),
      hasMoreTags: tags.length > shown,
      referrers: referrers.slice(0, shown),
      hasMoreReferrers: referrers.length > shown,
    };
  }

  async #describeIndex({ contents }: ManifestOutline, repositoryId: number): Promise<IndexContent> {
    const stored = await this.store.children(repositoryId, digestsOf(contents));
    const byDigest = new Map(stored.map((child) => [child.digest, child]));
    const describe = ({ digest, mediaType, platform, size }: OutlinedDescriptor): ImageChild => {
      const child = byDigest.get(digest);
      const text = platform ? formatPlatform(platform) : splitPlatforms(child?.platforms ?? '').join();
      const totalSize = saturated(Number(child?.totalSize ?? size));
      return { digest, mediaType, ...(text && { platform: text }), totalSize, present: child !== undefined };
    };
    const isAttestation = ({ platform }: OutlinedDescriptor) => platform !== undefined && !isRunnable(platform);
    return {
      kind: 'index',
      children: contents.filter((child) => !isAttestation(child)).map(describe),
      attestations: contents.filter(isAttestation).map(describe),
    };
  }
}

function outlineOf(stored: StoredManifest): ManifestOutline {
  const known = outlines.get(stored);
  if (known !== undefined) return known;
  const outline = outlineManifest(stored.bytes);
  outlines.set(stored, outline);
  return outline;
}

/** Steps that made a layer stand in the order of the layers; a history of another length tells nothing, nor does half of one. */
function describeImage(
  configDigest: Digest,
  { contents: layers, contentCount }: ManifestOutline,
  config: ImageConfig | undefined,
): ImageContent {
  const steps = config?.history ?? [];
  const told = steps.length === config?.counts.history && steps.filter(({ empty }) => !empty).length === contentCount;
  const commands: string[] = [];
  const history = steps.map((step) => {
    if (!told || step.empty) return step;
    const layer = layers[commands.length];
    commands.push(step.command);
    return { ...step, size: layer?.size };
  });
  return {
    kind: 'image',
    configDigest,
    config,
    layers: layers.map(({ digest, mediaType, size }, index) => ({
      digest,
      mediaType,
      size,
      foreign: isForeignLayerMediaType(mediaType),
      command: commands[index] || undefined,
    })),
    history,
  };
}
