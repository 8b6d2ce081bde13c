import { setImmediate as turn } from 'node:timers/promises';

import type { EntityManager } from 'typeorm';
import { Database, type PreparedRead } from '../database/database.js';
import type { Digest } from '../oci/digest.js';
import { effectiveArtifactType, type Manifest } from '../oci/manifest.js';
import type { Reference } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { saturated } from '../oci/saturated.js';
import { eachBatch, inBatches } from './in-batches.js';
import type { ReferenceKind } from './manifest-reference.entity.js';

export interface StoredManifest {
  /** In which it is. */
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  /** Exactly as pushed. Shared between requests: never written to. */
  readonly bytes: Buffer;
}

/** What the row of a manifest says beside its bytes. */
export interface ManifestFacts {
  readonly id: number;
  readonly repositoryId: number;
  readonly digest: Digest;
  readonly mediaType: string;
  /** The first 1000 characters. */
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  readonly size: number;
  readonly totalSize: number;
  /** Separated by commas. */
  readonly platforms: string;
  /** Milliseconds. */
  readonly pushedAt: number;
  readonly pushedBy: string | null;
  /** Null of an index. */
  readonly configDigest: Digest | null;
}

/** A child of an index that is a manifest of the repository. */
export interface StoredChild {
  readonly digest: Digest;
  readonly size: number;
  readonly totalSize: number;
  readonly platforms: string;
}

/** When, and by whose account. */
export interface Push {
  readonly at: Date;
  readonly by: number | null;
}

/** What a manifest turned out to need and to be, once everything it names was found. */
export interface Resolved {
  /** Each digest once. */
  readonly references: ReadonlyMap<Digest, ReferenceKind>;
  /** Bytes of what it needs, without the manifest itself; see {@link saturated}. */
  readonly contentSize: number;
  /** The first 32. */
  readonly platforms: readonly string[];
}

export interface NewManifest {
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  readonly resolved: Resolved;
  readonly pushed: Push;
}

export interface SavedManifest {
  readonly id: number;
  readonly digest: Digest;
}

/** Rows of `manifest_references` that are deleted, or looked at, before others have their turn. */
const referencesAtATime = 1_000;
const usesAtATime = 5_000;

const stored =
  'm.repository_id AS "repositoryId", m.digest, m.media_type AS "mediaType", m.artifact_type AS "artifactType", m.subject, m.bytes';
const byDigest = `SELECT ${stored} FROM repository_list r
  JOIN manifests m ON m.repository_id = r.id
  WHERE r.name = ? AND m.digest = ?`;
const byTag = `SELECT ${stored} FROM repository_list r
  JOIN tags t ON t.repository_id = r.id
  JOIN manifests m ON m.id = t.manifest_id
  WHERE r.name = ? AND t.name = ?`;
const facts = `SELECT m.id, m.repository_id AS "repositoryId", m.digest, m.media_type AS "mediaType",
  SUBSTR(m.artifact_type, 1, 1000) AS "artifactType", m.subject, m.size, m.total_size AS "totalSize", m.platforms,
  m.created_at AS "pushedAt", u.username AS "pushedBy", m.config_digest AS "configDigest"
  FROM repository_list r JOIN manifests m ON m.repository_id = r.id LEFT JOIN user_names u ON u.id = m.pushed_by
  WHERE r.name = ? AND m.digest = ?`;

/** For the test that looks at plans; so in the other stores of the room. */
export const manifestQueries = [byDigest, byTag, facts];

/** The rows of manifests, for those who read. Prepared, because every pull that is not remembered asks them. */
export class ManifestStore {
  readonly #byDigest: PreparedRead<StoredManifest>;
  readonly #byTag: PreparedRead<StoredManifest>;
  readonly #facts: PreparedRead<ManifestFacts>;

  constructor(private readonly database: Database) {
    this.#byDigest = database.prepare(byDigest);
    this.#byTag = database.prepare(byTag);
    this.#facts = database.prepare(facts);
  }

  /** @param reference a digest or a tag, as `kind` says */
  find(kind: Reference['kind'], repository: RepositoryName, reference: string): Promise<StoredManifest | undefined> {
    return (kind === 'tag' ? this.#byTag : this.#byDigest).find(repository, reference);
  }

  facts(repository: RepositoryName, digest: Digest): Promise<ManifestFacts | undefined> {
    return this.#facts.find(repository, digest);
  }

  /** See {@link childManifests}. */
  children(repositoryId: number, digests: readonly Digest[]): Promise<StoredChild[]> {
    return childManifests(this.database.read, repositoryId, digests);
  }
}

/** Those of these digests that are manifests of the repository. */
export function childManifests(tx: EntityManager, repositoryId: number, digests: readonly Digest[]) {
  return inBatches(
    digests,
    (batch) => tx.sql<StoredChild[]>`
      SELECT digest, size, total_size AS "totalSize", platforms FROM manifests
      WHERE repository_id = ${repositoryId} AND digest IN (${() => batch})`,
  );
}

/** The manifest of a tag or digest, as a transaction sees it. */
export async function manifestOf(
  tx: EntityManager,
  repositoryId: number,
  reference: Reference,
): Promise<SavedManifest | undefined> {
  const rows =
    reference.kind === 'digest'
      ? await tx.sql<SavedManifest[]>`
          SELECT id, digest FROM manifests WHERE repository_id = ${repositoryId} AND digest = ${reference.digest}`
      : await tx.sql<SavedManifest[]>`
          SELECT m.id, m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id
          WHERE t.repository_id = ${repositoryId} AND t.name = ${reference.tag}`;
  return rows[0];
}

/** Gives the id of its row. Pushed again, a manifest keeps its row: only what may have been learnt since is renewed, and bytes that were damaged. */
export async function saveManifest(tx: EntityManager, repositoryId: number, entry: NewManifest): Promise<number> {
  const { digest, bytes, manifest, resolved, pushed } = entry;
  // An index is as large as its children together, as people see it.
  const totalSize = saturated(resolved.contentSize + (manifest.kind === 'image' ? bytes.length : 0));
  const [row] = await tx.sql<{ id: number }[]>`
    INSERT INTO manifests (repository_id, digest, media_type, artifact_type, subject, size, total_size, platforms,
      config_digest, annotations, created_at, pushed_by, bytes)
    VALUES (${repositoryId}, ${digest}, ${manifest.mediaType}, ${effectiveArtifactType(manifest) ?? null},
      ${manifest.subject?.digest ?? null}, ${bytes.length}, ${totalSize}, ${resolved.platforms.join(',')},
      ${manifest.kind === 'image' ? manifest.config.digest : null}, ${manifest.subject === undefined ? '{}' : JSON.stringify(manifest.annotations)},
      ${pushed.at.getTime()}, ${pushed.by}, ${bytes})
    ON CONFLICT (repository_id, digest) DO UPDATE
      SET media_type = excluded.media_type, total_size = excluded.total_size, platforms = excluded.platforms,
        bytes = excluded.bytes
    RETURNING id`;
  if (!row) throw new Error('the database returned no row for a manifest');
  await saveReferences(tx, row.id, resolved);
  return row.id;
}

/** Deletes a manifest that no tag points to, and what it says it needs: of that piece by piece, as it may be tens of thousands of rows. */
export async function removeManifest(tx: EntityManager, manifestId: number): Promise<void> {
  for (let last = ''; ; await turn()) {
    const references = await tx.sql<{ digest: Digest }[]>`
      SELECT digest FROM manifest_references WHERE manifest_id = ${manifestId} AND digest > ${last}
      ORDER BY digest LIMIT ${referencesAtATime}`;
    if (references.length < referencesAtATime) break;
    last = references.at(-1)?.digest ?? '';
    await tx.sql`DELETE FROM manifest_references WHERE manifest_id = ${manifestId} AND digest <= ${last}`;
  }
  // The rest goes with it.
  await tx.sql`DELETE FROM manifests WHERE id = ${manifestId}`;
}

/**
 * Whether a manifest of the repository names this content. Those that do, of all repositories, are looked at piece by piece: a base
 * layer is named by many.
 */
export async function isNamed(tx: EntityManager, repositoryId: number, digest: Digest): Promise<boolean> {
  for (let from = 0; ; ) {
    const [end] = await tx.sql<{ id: number }[]>`
      SELECT manifest_id AS id FROM manifest_references WHERE digest = ${digest} AND manifest_id > ${from}
      ORDER BY manifest_id LIMIT 1 OFFSET ${usesAtATime - 1}`;
    const to = end?.id ?? Number.MAX_SAFE_INTEGER;
    const named = await tx.sql<unknown[]>`
      SELECT 1 FROM manifest_references u JOIN manifests m ON m.id = u.manifest_id
      WHERE u.digest = ${digest} AND u.manifest_id > ${from} AND u.manifest_id <= ${to} AND m.repository_id = ${repositoryId}
      LIMIT 1`;
    if (named.length > 0) return true;
    if (end === undefined) return false;
    from = end.id;
    await turn();
  }
}

/** Those of a manifest never change: one that is tagged again has them all. */
async function saveReferences(tx: EntityManager, manifestId: number, resolved: Resolved): Promise<void> {
  const [saved] = await tx.sql<{ count: number }[]>`
    SELECT COUNT(*) AS count FROM manifest_references WHERE manifest_id = ${manifestId}`;
  if (Number(saved?.count) === resolved.references.size) return;
  await eachBatch([...resolved.references], async (batch) => {
    for (const [digest, kind] of batch) {
      await tx.sql`
        INSERT INTO manifest_references (manifest_id, digest, kind) VALUES (${manifestId}, ${digest}, ${kind})
        ON CONFLICT DO NOTHING`;
    }
  });
}
