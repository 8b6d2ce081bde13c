import { type EntityManager, In, Not } from 'typeorm';
import type { Database } from '../../database/database.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';

/** Tokens that have expired and go when one is issued, so that no write is long; each adds only one. */
const sweptAtOnce = 100;

/** The rows of refresh tokens. */
export class RefreshTokenStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<RefreshTokenEntity | undefined> {
    return (await this.database.read.findOneBy(RefreshTokenEntity, { id })) ?? undefined;
  }
}

/** Some of those that have expired go. @param now epoch milliseconds */
export async function sweepRefreshTokens(tx: EntityManager, now: number): Promise<void> {
  await tx.sql`
    DELETE FROM refresh_tokens
    WHERE id IN (SELECT id FROM refresh_tokens WHERE expires_at <= ${now} LIMIT ${sweptAtOnce})`;
}

/** Those of an account that were issued after this moment go, in epoch milliseconds. */
export async function deleteRefreshTokensAfter(tx: EntityManager, userId: number, moment: number): Promise<void> {
  await tx.sql`DELETE FROM refresh_tokens WHERE user_id = ${userId} AND created_at > ${moment}`;
}

/** One more of an account, which then has at most so many: those used longest ago go, never the new one. Gives what went. */
export async function insertRefreshToken(
  tx: EntityManager,
  token: RefreshTokenEntity,
  most: number,
): Promise<RefreshTokenEntity[]> {
  await tx.insert(RefreshTokenEntity, token);
  const tooMany = await tx.find(RefreshTokenEntity, {
    where: { userId: token.userId, id: Not(token.id) },
    order: { lastUsedAt: 'DESC' },
    skip: most - 1,
  });
  if (tooMany.length > 0) await tx.delete(RefreshTokenEntity, { id: In(tooMany.map(({ id }) => id)) });
  return tooMany;
}

export async function updateUse(
  tx: EntityManager,
  id: string,
  use: Pick<RefreshTokenEntity, 'lastUsedAt' | 'expiresAt'>,
): Promise<void> {
  await tx.update(RefreshTokenEntity, { id }, use);
}

/** One of an account, or all. Gives what went. */
export async function deleteRefreshTokensOf(
  tx: EntityManager,
  which: { readonly userId: number; readonly id?: string },
): Promise<RefreshTokenEntity[]> {
  const ended = await tx.findBy(RefreshTokenEntity, which);
  await tx.delete(RefreshTokenEntity, which);
  return ended;
}
