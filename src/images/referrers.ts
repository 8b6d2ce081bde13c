import type { Page } from '../database/page.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { type ReferrerRow, ReferrerStore } from './referrers.store.js';

export interface ReferrerQuery {
  readonly limit: number;
  readonly artifactType?: string;
  /** The digest the previous page ended with. */
  readonly last?: string;
}

/** Most bytes of a page, but for one descriptor that is larger alone: with what stands around them, the 4 MiB that a client has to accept. */
const pageBytes = 4 * 1024 * 1024 - 1024;

/** A referrer as it is shown with its image. */
export interface BriefReferrer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  /** Left out when it is longer than a media type may be. */
  readonly artifactType?: string;
  /** Left out when they are longer than 1 KiB. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Manifests that are about another one: signatures, SBOMs, attestations (distribution-spec "Listing Referrers"). */
export class Referrers {
  constructor(private readonly store: ReferrerStore) {}

  /** The first so many, with what is short of them. */
  async brief(repository: RepositoryName, subject: Digest, limit: number): Promise<BriefReferrer[]> {
    const rows = await this.store.brief(repository, subject, limit);
    return rows.map(({ mediaType, digest, size, artifactType, annotations }) => ({
      mediaType,
      digest,
      size: Number(size),
      ...(artifactType !== null && { artifactType }),
      ...(annotations !== null && annotations !== '{}' && { annotations: JSON.parse(annotations) }),
    }));
  }

  /**
   * Descriptors as JSON, in the order of their digests: at most `limit`, and not more than fit a page. Nothing for a repository or a
   * digest that is unknown.
   */
  async page(
    repository: RepositoryName,
    subject: Digest,
    { limit, artifactType, last = '' }: ReferrerQuery,
  ): Promise<Page<Buffer>> {
    const items: Buffer[] = [];
    let bytes = 0;
    let end: Digest | undefined;
    let more = false;
    const take = (row: ReferrerRow) => {
      const item = descriptorOf(row);
      bytes += item.length + 1;
      more = items.length === limit || (items.length > 0 && bytes > pageBytes);
      if (more) return false;
      items.push(item);
      end = row.digest;
      return true;
    };
    await this.store.walk(take, { repository, subject, last, artifactType });
    return more && end !== undefined ? { items, nextCursor: end } : { items };
  }
}

function descriptorOf({ digest, mediaType, size, artifactType, annotations }: ReferrerRow): Buffer {
  const plain = { mediaType, digest, size: Number(size), ...(artifactType !== null && { artifactType }) };
  const text = JSON.stringify(plain);
  if (annotations.length === '{}'.length) return Buffer.from(text);
  return Buffer.concat([Buffer.from(`${text.slice(0, -1)},"annotations":`), annotations, Buffer.from('}')]);
}
