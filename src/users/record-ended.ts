import type { EntityManager } from 'typeorm';
import type { Changes } from '../changes/changes.js';
import type { User } from './user.js';
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

/** Writes down which sign-ins or refresh tokens of a user gave way to a new one: the user is behind it, whom no request names yet. */
export async function recordGivenWay(
  { id, username }: Pick<User, 'id' | 'username'>,
  ended: readonly { readonly id: string; readonly address: string }[],
  tx: EntityManager,
  changes: Changes,
): Promise<void> {
  for (const before of ended) {
    const audit = { name: username, actor: `user:${username}`, before };
    await changes.record(tx, { kind: 'session.end', id, payload: { session: before.id }, audit });
  }
}
