import type { EntityManager } from 'typeorm';
import { record } from '../audit/record.js';
import { usernameOf } from './users.store.js';

/** Writes down which sign-ins or refresh tokens of a user somebody ended from the list. Their ids are no secrets. */
export async function recordEnded(
  userId: number,
  ended: readonly { readonly id: string; readonly address: string }[],
  tx: EntityManager,
): Promise<void> {
  const username = ended.length === 0 ? '' : ((await usernameOf(tx, userId)) ?? '');
  for (const before of ended) await record(tx, 'session.end', username, { before });
}
