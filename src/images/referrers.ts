import { Injectable } from '@nestjs/common';
import { Database, type PreparedRead } from '../database/database.js';
import type { Page } from '../database/page.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';

export interface ReferrerQuery {
  readonly limit: number;
  readonly artifactType?: string;
  /** The digest the previous page ended with. */
  readonly last?: string;
}

/** Most bytes of a page, but for one descriptor that is larger alone: with what stands around them, the 4 MiB that a client has to accept. */
const pageBytes = 4 * 1024 * 1024 - 1024;

const about = `SELECT m.digest, m.media_type AS "mediaType", m.size, m.artifact_type AS "artifactType",
  CAST(m.annotations AS BLOB) AS annotations
  FROM repositories r JOIN manifests m ON m.repository_id = r.id
  WHERE r.name = ? AND m.subject = ? AND m.digest > ?`;
const all = `${about} ORDER BY m.digest`;
const ofType = `${about} AND m.artifact_type = ? ORDER BY m.digest`;
/** What is long is not even read. */
const briefly = `SELECT m.digest, m.media_type AS "mediaType", m.size,
  CASE WHEN OCTET_LENGTH(m.artifact_type) <= 255 THEN m.artifact_type END AS "artifactType",
  CASE WHEN OCTET_LENGTH(m.annotations) <= 1024 THEN m.annotations END AS annotations
  FROM repositories r JOIN manifests m ON m.repository_id = r.id
  WHERE r.name = ? AND m.subject = ? ORDER BY m.digest LIMIT ?`;
export const referrerQueries = [all, ofType, briefly];

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

interface BriefRow extends Omit<BriefReferrer, 'annotations' | 'artifactType'> {
  readonly artifactType: string | null;
  /** JSON. */
  readonly annotations: string | null;
}

interface Row {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string | null;
  /** JSON; megabytes of it are passed on as they are. */
  readonly annotations: Buffer;
}

/** Manifests that are about another one: signatures, SBOMs, attestations (distribution-spec "Listing Referrers"). */
@Injectable()
export class Referrers {
  readonly #all: PreparedRead<Row>;
  readonly #ofType: PreparedRead<Row>;
  readonly #briefly: PreparedRead<BriefRow>;

  constructor(database: Database) {
    this.#all = database.prepare(all);
    this.#ofType = database.prepare(ofType);
    this.#briefly = database.prepare(briefly);
  }

  /** The first so many, with what is short of them. */
  async brief(repository: RepositoryName, subject: Digest, limit: number): Promise<BriefReferrer[]> {
    const rows = await this.#briefly.list(repository, subject, limit);
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
    const take = (row: Row) => {
      const item = descriptorOf(row);
      bytes += item.length + 1;
      more = items.length === limit || (items.length > 0 && bytes > pageBytes);
      if (more) return false;
      items.push(item);
      end = row.digest;
      return true;
    };
    await (artifactType === undefined
      ? this.#all.walk(take, repository, subject, last)
      : this.#ofType.walk(take, repository, subject, last, artifactType));
    return more && end !== undefined ? { items, nextCursor: end } : { items };
  }
}

function descriptorOf({ digest, mediaType, size, artifactType, annotations }: Row): Buffer {
  const plain = { mediaType, digest, size: Number(size), ...(artifactType !== null && { artifactType }) };
  const text = JSON.stringify(plain);
  if (annotations.length === '{}'.length) return Buffer.from(text);
  return Buffer.concat([Buffer.from(`${text.slice(0, -1)},"annotations":`), annotations, Buffer.from('}')]);
}
