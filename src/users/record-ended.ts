import type { EntityManager } from 'typeorm';
import type { Changes } from '../changes/changes.js';
import { usernameOf } from './users.store.js';

/** Writes down which sign-ins or refresh tokens of a user somebody ended from the list. Their ids are no secrets. */
export async function recordEnded(
  userId: number,
  ended: readonly { readonly id: string; readonly address: string }[],
  tx: EntityManager,
  changes: Changes,
): Promise<void> {
  const username = ended.length === 0 ? '' : ((await usernameOf(tx, userId)) ?? '');
  for (const before of ended) {
    const audit = { name: username, before };
    await changes.record(tx, { kind: 'session.end', id: userId, payload: { session: before.id }, audit });
  }
}
