import { Injectable } from '@nestjs/common';
import { Database, type PreparedRead } from '../database/database.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';

export interface ReferrerQuery {
  readonly limit: number;
  readonly artifactType?: string;
  /** The digest the previous page ended with. */
  readonly last?: string;
}

const about = `SELECT m.digest, m.media_type AS "mediaType", m.size, m.artifact_type AS "artifactType", m.annotations
  FROM repositories r JOIN manifests m ON m.repository_id = r.id
  WHERE r.name = ? AND m.subject = ? AND m.digest > ?`;
const all = `${about} ORDER BY m.digest LIMIT ?`;
const ofType = `${about} AND m.artifact_type = ? ORDER BY m.digest LIMIT ?`;
export const referrerQueries = [all, ofType];

interface Row {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string | null;
  readonly annotations: string;
}

/** Manifests that are about another one: signatures, SBOMs, attestations (distribution-spec "Listing Referrers"). */
@Injectable()
export class Referrers {
  readonly #all: PreparedRead<Row>;
  readonly #ofType: PreparedRead<Row>;

  constructor(database: Database) {
    this.#all = database.prepare(all);
    this.#ofType = database.prepare(ofType);
  }

  /** In the order of their digests. Nothing for a repository or a digest that is unknown. */
  async list(repository: RepositoryName, subject: Digest, { limit, artifactType, last = '' }: ReferrerQuery) {
    const rows =
      artifactType === undefined
        ? await this.#all.list(repository, subject, last, limit)
        : await this.#ofType.list(repository, subject, last, artifactType, limit);
    return rows.map(toDescriptor);
  }
}

function toDescriptor({ digest, mediaType, size, artifactType, annotations }: Row): Descriptor {
  return {
    mediaType,
    digest,
    size: Number(size),
    ...(artifactType !== null && { artifactType }),
    ...(annotations !== '{}' && { annotations: JSON.parse(annotations) }),
  };
}
