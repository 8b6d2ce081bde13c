import type { EntityManager } from 'typeorm';
import { currentOrigin } from '../access/origin.js';
import { clock } from '../async/clock.js';
import { Database, type PreparedRead } from '../database/database.js';
import { type Page, pageOf } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { Digest } from '../oci/digest.js';
import type { Tag } from '../oci/reference.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** A tag was made to point somewhere else. */
export interface TagMove {
  /** Null: it was deleted. */
  readonly digest: Digest | null;
  readonly at: Date;
  /** `user:ada`, as the audit names them; null where it was not written down. */
  readonly actor: string | null;
  /** Whether that image is still in the repository, so that the tag can be moved back. */
  readonly present: boolean;
}

export type TagHistoryPage = Page<TagMove>;

const before = `SELECT h.number, h.digest, h.at, h.actor, m.id IS NOT NULL AS present
  FROM tag_moves h LEFT JOIN manifests m ON m.repository_id = h.repository_id AND m.digest = h.digest
  WHERE h.repository_id = (SELECT id FROM repository_list WHERE name = ?) AND h.tag = ? AND h.number < ?
  ORDER BY h.number DESC LIMIT ?`;
export const tagHistoryQueries = [before];

interface Row {
  readonly number: number;
  readonly digest: Digest | null;
  readonly at: number;
  readonly actor: string;
  readonly present: number;
}

/** Moves kept of a tag; the oldest give way. */
export const movesKept = 1000;

export interface RemovedTags {
  readonly repositoryId: number;
  readonly manifestId: number;
  readonly first: Tag;
  readonly last: Tag;
}

/** Where tags have pointed: of each the last thousand moves. It outlives the tag and goes with the repository. */
export class TagHistory {
  readonly #before: PreparedRead<Row>;

  constructor(database: Database) {
    this.#before = database.prepare(before);
  }

  /** The latest move first; nothing for a tag that never was. Throws VALIDATION_FAILED for a cursor that no page gave. */
  async page(
    repository: RepositoryName,
    tag: Tag,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<TagHistoryPage> {
    const from = cursor === undefined ? Number.MAX_SAFE_INTEGER : parseNumber(cursor);
    const page = pageOf(await this.#before.list(repository, tag, from, limit + 1), limit, ({ number }) => `${number}`);
    return { ...page, items: page.items.map(toMove) };
  }
}

/**
 * Notes that a tag is about to point to another image, or to none, within the transaction that does it and before it does;
 * writes nothing when it points there already. The row of the repository is locked before (`Repositories.recordPush` or `lock`), so that
 * what this statement counts is what others committed last; the primary key refuses a number that is there already.
 */
export async function recordMove(
  tx: Pick<EntityManager, 'sql'>,
  repositoryId: number,
  tag: Tag,
  target: { readonly id: number; readonly digest: Digest } | undefined,
  at: Date,
): Promise<void> {
  const [move] = await tx.sql<{ number: number }[]>`
    INSERT INTO tag_moves (repository_id, tag, number, digest, at, actor)
    SELECT ${repositoryId}, ${tag},
      1 + COALESCE((SELECT MAX(number) FROM tag_moves WHERE repository_id = ${repositoryId} AND tag = ${tag}), 0),
      ${target?.digest ?? null}, ${at.getTime()}, ${currentOrigin().actor}
    WHERE NOT EXISTS (
      SELECT 1 FROM tags WHERE repository_id = ${repositoryId} AND name = ${tag} AND manifest_id = ${target?.id ?? null})
    RETURNING number`;
  if (move === undefined || move.number <= movesKept) return;
  // Every move gives way to one, so what there is to delete stays small.
  await tx.sql`
    DELETE FROM tag_moves WHERE repository_id = ${repositoryId} AND tag = ${tag} AND number <= ${move.number - movesKept}`;
}

/** Notes, before it happens, that the tags of an image from `first` to `last` go. */
export async function recordRemovals(
  tx: Pick<EntityManager, 'sql'>,
  { repositoryId, manifestId, first, last }: RemovedTags,
): Promise<void> {
  await tx.sql`
    INSERT INTO tag_moves (repository_id, tag, number, digest, at, actor)
    SELECT t.repository_id, t.name,
      1 + COALESCE((SELECT MAX(h.number) FROM tag_moves h WHERE h.repository_id = t.repository_id AND h.tag = t.name), 0),
      NULL, ${clock.wall()}, ${currentOrigin().actor}
    FROM tags t WHERE t.manifest_id = ${manifestId} AND t.repository_id = ${repositoryId}
      AND t.name BETWEEN ${first} AND ${last}`;
}

function parseNumber(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new Failure('VALIDATION_FAILED', { message: 'the cursor is not one of this list' });
}

function toMove({ digest, at, actor, present }: Row): TagMove {
  return { digest, at: new Date(Number(at)), actor: actor === '' ? null : actor, present: Number(present) === 1 };
}
