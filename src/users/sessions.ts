import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { clock } from '../async/clock.js';
import { ReadCache } from '../async/read-cache.js';
import { record } from '../audit/record.js';
import type { Changes } from '../changes/changes.js';
import type { Database } from '../database/database.js';
import { Turns } from '../database/turns.js';
import { Failure } from '../errors/failure.js';
import { cleanText } from '../text/clean-text.js';
import { recordEnded, recordGivenWay } from './record-ended.js';
import type { SessionEntity } from './session.entity.js';
import {
  deleteSession,
  deleteSessionsAfter,
  deleteSessionsOf,
  insertSession,
  SessionStore,
  type SessionsOf,
  sweepSessions,
  updateSeen,
} from './sessions.store.js';
import { hasExpired, isAhead, latestIssue } from './tokens/expiry.js';
import type { User } from './user.js';
import { markSignIn } from './users.store.js';

export type Session = Readonly<SessionEntity>;

export interface SessionLimits {
  /** Milliseconds without a request after which a session ends, unless it is to be remembered. */
  readonly idleMs: number;
  /** Milliseconds after which any session ends. */
  readonly lifeMs: number;
}

/** Most of one account; beyond that the one seen longest ago ends. */
export const maxSessionsOfUser = 100;
/** Milliseconds within which a session that was seen is not written again. */
const seenEvery = 60_000;
const cacheLimit = 10_000;
/** Characters kept of what a browser says about itself. */
const userAgentLength = 256;

/**
 * Sign-ins of people. The browser holds 256 random bits; the row is found by their SHA-256, so a stolen database opens nothing.
 * A row expires when it has been idle, or, when it is to be remembered, at the end of its life; being seen moves the first, never the second.
 */
export class Sessions {
  readonly #store: SessionStore;
  readonly #known = new ReadCache<string, Session | undefined>(cacheLimit);
  /** One account that signs in again and again takes one place in the line of writes, where pushes wait too. */
  readonly #opening = new Turns<number>();
  /** Sessions whose use is being written down. */
  readonly #touching = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly limits: SessionLimits,
  ) {
    this.#store = new SessionStore(database);
    changes.onCommitted(['user.update', 'user.password', 'user.delete'], () => this.#known.clear());
    changes.onCommitted(['session.end', 'sign-out'], (some) => {
      for (const { payload } of some) this.#known.delete(payload.session);
    });
  }

  /** Beyond {@link maxSessionsOfUser} the session seen longest ago ends. Throws UNAUTHORIZED when the account was disabled or got another password since `user` was read. */
  async open(
    user: User,
    client: { readonly address: string; readonly userAgent: string; readonly remember: boolean },
  ): Promise<{ id: string; expiresAt: Date }> {
    const id = randomBytes(32).toString('base64url');
    const now = clock.wall();
    const session = {
      id: rowId(id),
      userId: user.id,
      createdAt: new Date(now),
      lastSeenAt: new Date(now),
      expiresAt: new Date(
        now + (client.remember ? this.limits.lifeMs : Math.min(this.limits.idleMs, this.limits.lifeMs)),
      ),
      address: client.address,
      userAgent: cleanText(client.userAgent, userAgentLength),
    };
    const write = async (tx: EntityManager) => {
      if (!(await markSignIn(tx, user, session.createdAt))) throw new Failure('UNAUTHORIZED');
      await sweepSessions(tx, now);
      await deleteSessionsAfter(tx, user.id, latestIssue(now));
      await record(tx, 'sign-in', user.username, { actor: `user:${user.username}`, after: { way: 'session' } });
      await recordGivenWay(user, await insertSession(tx, session, maxSessionsOfUser), tx, this.changes);
    };
    await this.#opening.run(user.id, () => this.database.write(write));
    return { id, expiresAt: session.expiresAt };
  }

  /** Answers at once for a session it has met. */
  find(id: string): Session | undefined | Promise<Session | undefined> {
    const row = rowId(id);
    const known = this.#known.get(row);
    if (known !== undefined) return this.#alive(known);
    return this.#known.fill(row, () => this.#store.find(row)).then((session) => session && this.#alive(session));
  }

  /** Notes that the session is in use; writes at most once a minute. Nobody has to wait for it. */
  async touch(session: Session): Promise<void> {
    const now = clock.wall();
    if (now - session.lastSeenAt.getTime() < seenEvery || this.#touching.has(session.id)) return;
    const { idleMs, lifeMs } = this.limits;
    const idleEnd = Math.min(now + idleMs, session.createdAt.getTime() + lifeMs);
    const expiresAt = new Date(Math.max(session.expiresAt.getTime(), idleEnd));
    this.#touching.add(session.id);
    try {
      await this.database.write((tx) => updateSeen(tx, session.id, { lastSeenAt: new Date(now), expiresAt }));
    } finally {
      this.#touching.delete(session.id);
      this.#known.delete(session.id);
    }
  }

  /** Signs out. */
  async revoke(id: string): Promise<void> {
    const session = rowId(id);
    await this.database.write(async (tx) => {
      const owner = await deleteSession(tx, session);
      if (owner === undefined) return;
      const audit = { name: owner.username, actor: `user:${owner.username}` };
      await this.changes.record(tx, { kind: 'sign-out', id: owner.id, payload: { session }, audit });
    });
  }

  /** Ends one session of the list. False when the user has no such session. */
  async revokeListed(userId: number, row: string): Promise<boolean> {
    return (await this.#end({ id: row, userId })) === 1;
  }

  async revokeAllOf(userId: number, exceptId?: string): Promise<void> {
    await this.#end({ userId, exceptId: exceptId && rowId(exceptId) });
  }

  /** Ends what matches and tells how many that were. */
  #end(which: SessionsOf): Promise<number> {
    return this.database.write(async (tx) => {
      const ended = await deleteSessionsOf(tx, which);
      await recordEnded(which.userId, ended, tx, this.changes);
      return ended.length;
    });
  }

  #alive(session: Session): Session | undefined {
    return hasExpired(session, clock.wall()) || isAhead(session.createdAt, clock.wall()) ? undefined : session;
  }
}

/** The row of a session secret. */
export function rowId(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
