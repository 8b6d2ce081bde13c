import { Database, type PreparedRead } from '../database/database.js';
import { bytesOf } from '../database/dialect.js';
import type { Digest } from '../oci/digest.js';
import type { RepositoryName } from '../oci/repository-name.js';

export interface ReferrerRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string | null;
  /** JSON; megabytes of it are passed on as they are. */
  readonly annotations: Buffer;
}

export interface BriefReferrerRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** Null also when it is longer than 255 bytes. */
  readonly artifactType: string | null;
  /** JSON; null when it is longer than 1 KiB. */
  readonly annotations: string | null;
}

const about = `SELECT m.digest, m.media_type AS "mediaType", m.size, m.artifact_type AS "artifactType",
  ${bytesOf('m.annotations')} AS annotations
  FROM repository_list r JOIN manifests m ON m.repository_id = r.id
  WHERE r.name = ? AND m.subject = ? AND m.digest > ?`;
const all = `${about} ORDER BY m.digest`;
const ofType = `${about} AND m.artifact_type = ? ORDER BY m.digest`;
/** What is long is not even read. */
const briefly = `SELECT m.digest, m.media_type AS "mediaType", m.size,
  CASE WHEN OCTET_LENGTH(m.artifact_type) <= 255 THEN m.artifact_type END AS "artifactType",
  CASE WHEN OCTET_LENGTH(m.annotations) <= 1024 THEN m.annotations END AS annotations
  FROM repository_list r JOIN manifests m ON m.repository_id = r.id
  WHERE r.name = ? AND m.subject = ? ORDER BY m.digest LIMIT ?`;
export const referrerQueries = [all, ofType, briefly];

/** The rows of manifests that are about another one, in the order of their digests. */
export class ReferrerStore {
  readonly #all: PreparedRead<ReferrerRow>;
  readonly #ofType: PreparedRead<ReferrerRow>;
  readonly #briefly: PreparedRead<BriefReferrerRow>;

  constructor(database: Database) {
    this.#all = database.prepare(all);
    this.#ofType = database.prepare(ofType);
    this.#briefly = database.prepare(briefly);
  }

  /** Shows those behind `last` one by one until `visit` says false. */
  walk(visit: (row: ReferrerRow) => boolean, { repository, subject, last, artifactType }: ReferrerWalk): Promise<void> {
    return artifactType === undefined
      ? this.#all.walk(visit, repository, subject, last)
      : this.#ofType.walk(visit, repository, subject, last, artifactType);
  }

  /** The first so many, without what is long. */
  brief(repository: RepositoryName, subject: Digest, limit: number): Promise<BriefReferrerRow[]> {
    return this.#briefly.list(repository, subject, limit);
  }
}

interface ReferrerWalk {
  readonly repository: RepositoryName;
  readonly subject: Digest;
  /** A digest, or nothing. */
  readonly last: string;
  readonly artifactType?: string | undefined;
}
