import type { EntityManager } from 'typeorm';
import type { Visibility } from '../access/visibility.js';
import { clock } from '../async/clock.js';
import type { Database, PreparedRead } from '../database/database.js';
import { lockRow } from '../database/dialect.js';
import type { RepositoryName } from '../oci/repository-name.js';
import { RepositoryEntity } from './repository.entity.js';
import { type Repository, type RepositoryRow, toRepository } from './repository.js';

export interface NewRepository {
  readonly name: RepositoryName;
  readonly visibility: Visibility;
  readonly description: string;
  readonly ownerId: number | null;
}

/** Columns that may be changed; those that are left out stay as they are. */
export interface RepositoryChanges {
  readonly name?: RepositoryName | undefined;
  readonly visibility?: Visibility | undefined;
  readonly description?: string | undefined;
}

/** The rows of repositories, for those who read. */
export class RepositoryStore {
  /** Prepared, because every request that is not remembered asks it. */
  readonly #byName: PreparedRead<RepositoryRow>;
  readonly #first: PreparedRead<object>;

  constructor(private readonly database: Database) {
    this.#byName = database.prepare('SELECT * FROM repositories WHERE name = ?');
    this.#first = database.prepare('SELECT 1 FROM repositories LIMIT 1');
  }

  /** Whether there is one. */
  async any(): Promise<boolean> {
    return (await this.#first.find()) !== undefined;
  }

  async find(name: RepositoryName | ''): Promise<Repository | undefined> {
    const row = await this.#byName.find(name);
    return row && toRepository(row);
  }

  /** Ids of those that are gone while not all of what they had is cleared away. */
  async removed(): Promise<number[]> {
    const rows = await this.database.read.sql<{ id: number }[]>`SELECT id FROM removed_repositories`;
    return rows.map(({ id }) => id);
  }
}

/** Without a look at the row. */
export function lockRepository(tx: EntityManager, name: RepositoryName): Promise<void> {
  return lockRow(tx, RepositoryEntity, { name });
}

/** The repository as a transaction sees it; locked, so that it stays so until that is over. */
export async function repositoryToChange(
  tx: EntityManager,
  name: RepositoryName,
): Promise<RepositoryEntity | undefined> {
  await lockRepository(tx, name);
  return (await tx.findOneBy(RepositoryEntity, { name })) ?? undefined;
}

/** Its id alone: pushes ask for it. */
export async function findRepositoryId(tx: EntityManager, name: RepositoryName): Promise<number | undefined> {
  const [row] = await tx.sql<{ id: number }[]>`SELECT id FROM repositories WHERE name = ${name}`;
  return row?.id;
}

/** Gives the id. Throws what {@link violatesUnique} knows when the name is taken. */
export async function insertRepository(tx: EntityManager, repository: NewRepository): Promise<number> {
  const { name, visibility, description, ownerId } = repository;
  const now = clock.wall();
  const [row] = await tx.sql<{ id: number }[]>`
    INSERT INTO repositories (name, visibility, description, owner_id, created_at, updated_at)
    VALUES (${name}, ${visibility}, ${description}, ${ownerId}, ${now}, ${now}) RETURNING id`;
  if (!row) throw new Error('the database returned no row for a new repository');
  return row.id;
}

/** False when there is no such repository. Throws as {@link insertRepository}. */
export async function changeRepository(
  tx: EntityManager,
  name: RepositoryName,
  changes: RepositoryChanges,
): Promise<boolean> {
  const { affected } = await tx.update(RepositoryEntity, { name }, { ...changes, updatedAt: new Date(clock.wall()) });
  return affected !== 0;
}

/** Deletes the row, and notes that what the repository had is to be cleared away. */
export async function removeRepository(tx: EntityManager, { id, name }: RepositoryEntity): Promise<void> {
  await tx.delete(RepositoryEntity, { name });
  await tx.sql`INSERT INTO removed_repositories (id) VALUES (${id})`;
}

/** Notes that nothing is left of a removed one. */
export async function forgetRemovedRepository(tx: EntityManager, id: number): Promise<void> {
  await tx.sql`DELETE FROM removed_repositories WHERE id = ${id}`;
}

/** Locks the row, as every change of it does. */
export async function setPushedAt(tx: EntityManager, id: number, at: Date): Promise<void> {
  await tx.sql`UPDATE repositories SET pushed_at = ${at.getTime()} WHERE id = ${id}`;
}

/** As {@link setPushedAt}, unless something was pushed later. */
export async function raisePushedAt(tx: EntityManager, id: number, at: Date): Promise<void> {
  await tx.sql`UPDATE repositories SET pushed_at = ${at.getTime()}
    WHERE id = ${id} AND (pushed_at IS NULL OR pushed_at < ${at.getTime()})`;
}

/** How many rows there are, each a query of one number to stand inside another. */
export const repositoryCounts = { repositories: 'SELECT COUNT(*) FROM repositories' };
