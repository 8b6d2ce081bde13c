import { type EntityManager, type FindOptionsWhere, In, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import { SessionEntity } from './session.entity.js';

/** Of one account: one session, all, or all but one. */
export interface SessionsOf {
  readonly userId: number;
  readonly id?: string;
  readonly exceptId?: string | undefined;
}

/** Sessions that have expired and go with one sign-in, so that no write is long; each adds only one. */
const sweptAtOnce = 100;

/** The rows of sessions. */
export class SessionStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<SessionEntity | undefined> {
    return (await this.database.read.findOneBy(SessionEntity, { id })) ?? undefined;
  }
}

/** Some of those that have expired go. @param now epoch milliseconds */
export async function sweepSessions(tx: EntityManager, now: number): Promise<void> {
  await tx.sql`
    DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ${now} LIMIT ${sweptAtOnce})`;
}

/** Those of an account that were begun after this moment go, in epoch milliseconds. */
export async function deleteSessionsAfter(tx: EntityManager, userId: number, moment: number): Promise<void> {
  await tx.sql`DELETE FROM sessions WHERE user_id = ${userId} AND created_at > ${moment}`;
}

/** One more of an account, which then has at most so many: those seen longest ago go, never the new one. Gives what went. */
export async function insertSession(tx: EntityManager, session: SessionEntity, most: number): Promise<SessionEntity[]> {
  await tx.insert(SessionEntity, session);
  const tooMany = await tx.find(SessionEntity, {
    where: { userId: session.userId, id: Not(session.id) },
    order: { lastSeenAt: 'DESC' },
    skip: most - 1,
  });
  if (tooMany.length > 0) await tx.delete(SessionEntity, { id: In(tooMany.map(({ id }) => id)) });
  return tooMany;
}

export async function updateSeen(
  tx: EntityManager,
  id: string,
  seen: Pick<SessionEntity, 'lastSeenAt' | 'expiresAt'>,
): Promise<void> {
  await tx.update(SessionEntity, { id }, seen);
}

/** Gives its account; undefined when there is no such session. */
export async function deleteSession(
  tx: EntityManager,
  id: string,
): Promise<{ readonly id: number; readonly username: string } | undefined> {
  const [ended] = await tx.sql<{ id: number; username: string }[]>`
    SELECT u.id, u.username FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ${id}`;
  if (ended !== undefined) await tx.delete(SessionEntity, { id });
  return ended;
}

/** Gives what went. */
export async function deleteSessionsOf(
  tx: EntityManager,
  { userId, id, exceptId }: SessionsOf,
): Promise<SessionEntity[]> {
  const which: FindOptionsWhere<SessionEntity> = { userId };
  if (id !== undefined) which.id = id;
  if (exceptId !== undefined) which.id = Not(exceptId);
  const ended = await tx.findBy(SessionEntity, which);
  await tx.delete(SessionEntity, which);
  return ended;
}
