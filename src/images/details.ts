import { Injectable } from '@nestjs/common';
import { Database, type PreparedRead } from '../database/database.js';
import { type Descriptor, formatPlatform, isRunnable } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { HistoryStep, ImageConfig } from '../oci/image-config.js';
import { type ImageManifest, type IndexManifest, isForeignLayer, parseManifest } from '../oci/manifest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { ConfigBlobs } from './config-blobs.js';
import { splitPlatforms } from './platforms.js';
import { childManifests } from './references.js';
import { Referrers } from './referrers.js';

/** Everything known about one manifest. */
export type ImageDetail = (ImageFacts & ImageContent) | (ImageFacts & IndexContent);

export interface ImageFacts {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  /** Bytes of the manifest. */
  readonly size: number;
  /** Bytes a full pull transfers; of an index, all its children. */
  readonly totalSize: number;
  /** `linux/amd64` */
  readonly platforms: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly pushedAt: Date;
  /** Username; null when the account is gone. */
  readonly pushedBy: string | null;
  /** The manifest as it was pushed. */
  readonly raw: string;
  /** That point to it, in byte order; the first 100. */
  readonly tags: readonly Tag[];
  /** In the order of their digests; the first 100, or 4 MiB of them. */
  readonly referrers: readonly Descriptor[];
}

export interface ImageContent {
  readonly kind: 'image';
  readonly configDigest: Digest;
  /** Undefined when it is no image config, over 1 MiB or malformed. */
  readonly config: ImageConfig | undefined;
  /** Base first. */
  readonly layers: readonly ImageLayer[];
  /** Oldest first; `size` where a step and its layer could be told. */
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
  /** In the order of the index, without attestations. */
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

const facts = `SELECT m.id, m.repository_id AS "repositoryId", m.digest, m.media_type AS "mediaType",
  m.artifact_type AS "artifactType", m.subject, m.size, m.total_size AS "totalSize", m.platforms,
  m.created_at AS "pushedAt", u.username AS "pushedBy", m.bytes
  FROM repositories r JOIN manifests m ON m.repository_id = r.id LEFT JOIN users u ON u.id = m.pushed_by
  WHERE r.name = ? AND m.digest = ?`;
const tagsOf = 'SELECT name FROM tags WHERE manifest_id = ? ORDER BY name LIMIT ?';
export const detailQueries = [facts, tagsOf];

type FactRow = Pick<
  ImageFacts,
  'digest' | 'mediaType' | 'artifactType' | 'subject' | 'size' | 'totalSize' | 'pushedBy'
> & {
  readonly id: number;
  readonly repositoryId: number;
  readonly platforms: string;
  readonly pushedAt: number;
  readonly bytes: Buffer;
};

/** What pages show of images beyond lists. */
@Injectable()
export class Details {
  readonly #facts: PreparedRead<FactRow>;
  readonly #tagsOf: PreparedRead<{ name: Tag }>;

  constructor(
    private readonly database: Database,
    private readonly configs: ConfigBlobs,
    private readonly referrers: Referrers,
  ) {
    this.#facts = database.prepare(facts);
    this.#tagsOf = database.prepare(tagsOf);
  }

  /** Undefined when there is no such manifest. */
  async describe(repository: RepositoryName, digest: Digest): Promise<ImageDetail | undefined> {
    const row = await this.#facts.find(repository, digest);
    if (!row) return undefined;
    const { id, repositoryId, bytes, ...plain } = row;
    const manifest = parseManifest(bytes, row.mediaType);
    const common: ImageFacts = {
      ...plain,
      size: Number(row.size),
      totalSize: Number(row.totalSize),
      platforms: splitPlatforms(row.platforms),
      annotations: manifest.annotations,
      pushedAt: new Date(Number(row.pushedAt)),
      raw: bytes.toString(),
      tags: (await this.#tagsOf.list(id, shown)).map(({ name }) => name),
      referrers: (await this.referrers.page(repository, digest, { limit: shown })).items.map(toDescriptor),
    };
    return manifest.kind === 'image'
      ? { ...common, ...describeImage(manifest, await this.configs.find(repository, manifest.config)) }
      : { ...common, ...(await this.#describeIndex(manifest, repositoryId)) };
  }

  async #describeIndex({ manifests }: IndexManifest, repositoryId: number): Promise<IndexContent> {
    const stored = await childManifests(this.database.read, repositoryId, manifests);
    const byDigest = new Map(stored.map((child) => [child.digest, child]));
    const describe = ({ digest, mediaType, platform, size }: Descriptor): ImageChild => {
      const child = byDigest.get(digest);
      const text = platform ? formatPlatform(platform) : child?.platforms;
      const totalSize = Number(child?.totalSize ?? size);
      return { digest, mediaType, ...(text && { platform: text }), totalSize, present: child !== undefined };
    };
    const isAttestation = ({ platform }: Descriptor) => platform !== undefined && !isRunnable(platform);
    return {
      kind: 'index',
      children: manifests.filter((child) => !isAttestation(child)).map(describe),
      attestations: manifests.filter(isAttestation).map(describe),
    };
  }
}

function toDescriptor(json: Buffer): Descriptor {
  return JSON.parse(json.toString());
}

/** Steps that made a layer stand in the order of the layers; a history of another length tells nothing. */
function describeImage({ config: { digest }, layers }: ImageManifest, config: ImageConfig | undefined): ImageContent {
  const steps = config?.history ?? [];
  const told = steps.filter(({ empty }) => !empty).length === layers.length;
  const commands: string[] = [];
  const history = steps.map((step) => {
    if (!told || step.empty) return step;
    const layer = layers[commands.length];
    commands.push(step.command);
    return { ...step, size: layer?.size };
  });
  return {
    kind: 'image',
    configDigest: digest,
    config,
    layers: layers.map((layer, index) => ({
      digest: layer.digest,
      mediaType: layer.mediaType,
      size: layer.size,
      foreign: isForeignLayer(layer),
      command: commands[index] || undefined,
    })),
    history,
  };
}
