import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Digest } from '../oci/digest.js';
import { effectiveArtifactType, type Manifest } from '../oci/manifest.js';
import type { Reference, Tag } from '../oci/reference.js';
import { saturated } from '../oci/saturated.js';
import { batchSize } from './in-batches.js';
import { type Resolved, saveReferences } from './references.js';
import { recordMove, recordRemovals } from './tag-history.store.js';

/** When, and by whose account. */
export interface Push {
  readonly at: Date;
  readonly by: number | null;
}

/** Rows of what a manifest needs that are deleted before others have their turn. */
const referencesAtATime = 1000;

export interface NewManifest {
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  readonly resolved: Resolved;
  readonly pushed: Push;
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

export interface SavedManifest {
  readonly id: number;
  readonly digest: Digest;
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

/** Points a tag to a manifest, and notes the move. */
export async function saveTag(
  tx: EntityManager,
  repositoryId: number,
  tag: Tag,
  manifest: SavedManifest,
  { at, by }: Push,
) {
  await recordMove(tx, repositoryId, tag, manifest, at);
  await tx.sql`
    INSERT INTO tags (repository_id, name, manifest_id, pushed_at, pushed_by)
    VALUES (${repositoryId}, ${tag}, ${manifest.id}, ${at.getTime()}, ${by})
    ON CONFLICT (repository_id, name) DO UPDATE
      SET manifest_id = excluded.manifest_id, pushed_at = excluded.pushed_at, pushed_by = excluded.pushed_by`;
}

/** Deletes the tags of a manifest, and notes that; gives their names. However many there are, others have their turn in between. */
export async function removeTags(tx: EntityManager, repositoryId: number, manifestId: number): Promise<Tag[]> {
  const names: Tag[] = [];
  for (;;) {
    const tags = await tx.sql<{ name: Tag }[]>`
      SELECT name FROM tags WHERE manifest_id = ${manifestId} AND repository_id = ${repositoryId}
      ORDER BY name LIMIT ${batchSize}`;
    const [first, last] = [tags[0]?.name, tags.at(-1)?.name];
    if (first === undefined || last === undefined) return names;
    await recordRemovals(tx, { repositoryId, manifestId, first, last });
    await tx.sql`
      DELETE FROM tags WHERE manifest_id = ${manifestId} AND repository_id = ${repositoryId} AND name BETWEEN ${first} AND ${last}`;
    names.push(...tags.map(({ name }) => name));
    if (tags.length < batchSize) return names;
    await turn();
  }
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
