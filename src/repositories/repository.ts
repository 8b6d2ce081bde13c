import type { Visibility } from '../access/visibility.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** A named set of manifests, tags and blobs, and who may see it. */
export interface Repository {
  readonly id: number;
  readonly name: RepositoryName;
  readonly visibility: Visibility;
  readonly description: string;
  /** The user who pushed or created it first; null when the account is gone. */
  readonly ownerId: number | null;
  readonly createdAt: Date;
  /** Last change of visibility or description. */
  readonly updatedAt: Date;
  /** Last manifest pushed. */
  readonly pushedAt: Date | null;
}

/** Columns as every query of the room selects them. */
export interface RepositoryRow {
  id: number;
  name: RepositoryName;
  visibility: Visibility;
  description: string;
  owner_id: number | null;
  created_at: number;
  updated_at: number;
  pushed_at: number | null;
}

export function toRepository(row: RepositoryRow): Repository {
  return {
    id: row.id,
    name: row.name,
    visibility: row.visibility,
    description: row.description,
    ownerId: row.owner_id,
    createdAt: new Date(Number(row.created_at)),
    updatedAt: new Date(Number(row.updated_at)),
    pushedAt: row.pushed_at === null ? null : new Date(Number(row.pushed_at)),
  };
}
