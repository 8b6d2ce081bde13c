import { type EntityManager, MoreThan } from 'typeorm';
import type { Database } from '../../database/database.js';
import { containedIn, containing, lockRow } from '../../database/dialect.js';
import { AccessTokenEntity } from './access-token.entity.js';

/** Tokens whose scopes are looked at between two turns of the event loop. */
const searchedAtOnce = 5_000;

/** The rows of personal access tokens. */
export class AccessTokenStore {
  constructor(private readonly database: Database) {}

  /** Oldest first, behind this id; without `userId` everybody's. */
  list(filter: {
    readonly userId?: number;
    readonly after: number;
    readonly limit: number;
  }): Promise<AccessTokenEntity[]> {
    const { userId, after, limit } = filter;
    const where = { id: MoreThan(after), ...(userId !== undefined && { userId }) };
    return this.database.read.find(AccessTokenEntity, { where, order: { id: 'ASC' }, take: limit });
  }

  findById(id: number): Promise<AccessTokenEntity | null> {
    return this.database.read.findOneBy(AccessTokenEntity, { id });
  }
}

export function countTokensOf(tx: EntityManager, userId: number): Promise<number> {
  return tx.countBy(AccessTokenEntity, { userId });
}

export function insertToken(tx: EntityManager, row: Omit<AccessTokenEntity, 'id'>): Promise<AccessTokenEntity> {
  return tx.save(AccessTokenEntity, row);
}

/** A row to change and to give to {@link saveToken}; locked. */
export async function tokenToChange(tx: EntityManager, id: number): Promise<AccessTokenEntity | null> {
  await lockRow(tx, AccessTokenEntity, { id });
  return tx.findOneBy(AccessTokenEntity, { id });
}

export function saveToken(tx: EntityManager, token: AccessTokenEntity): Promise<AccessTokenEntity> {
  return tx.save(token);
}

export async function updateToken(
  tx: EntityManager,
  id: number,
  changes: Partial<Pick<AccessTokenEntity, 'scopes' | 'lastUsedAt' | 'lastUsedAddress'>>,
): Promise<void> {
  await tx.update(AccessTokenEntity, { id }, changes);
}

export async function deleteToken(tx: EntityManager, id: number): Promise<void> {
  await tx.delete(AccessTokenEntity, { id });
}

/** The tokens that have this text in their scopes, in any case. Looks at all there are, a few thousand between two turns of the event loop. */
export async function tokensWithScope(tx: EntityManager, text: string): Promise<AccessTokenEntity[]> {
  const last = (await tx.maximum(AccessTokenEntity, 'id')) ?? 0;
  const found: AccessTokenEntity[] = [];
  for (let from = 0; from < last; from += searchedAtOnce) {
    if (from > 0) await new Promise(setImmediate);
    const some = tx
      .createQueryBuilder(AccessTokenEntity, 'token')
      .where('token.id > :from AND token.id <= :to', { from, to: from + searchedAtOnce })
      .andWhere(containedIn('token.scopes').replace('?', ':text'), { text: containing(text) });
    found.push(...(await some.getMany()));
  }
  return found;
}
