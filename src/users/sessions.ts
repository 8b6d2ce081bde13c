import { createHash, randomBytes } from 'node:crypto';
import { type EntityManager, type FindOptionsWhere, In, Not } from 'typeorm';
import { record } from '../audit/record.js';
import type { Database } from '../database/database.js';
import { ReadCache } from '../database/read-cache.js';
import { Turns } from '../database/turns.js';
import { Failure } from '../errors/failure.js';
import { cleanText } from '../text/clean-text.js';
import { recordEnded } from './record-ended.js';
import { SessionEntity } from './session.entity.js';
import { hasExpired, isAhead, latestIssue } from './tokens/expiry.js';
import { UserEntity } from './user.entity.js';
import type { User } from './user.js';
import type { Users } from './users.js';

export type Session = Readonly<SessionEntity>;

export interface SessionLimits {
  /** Milliseconds without a request after which a session ends, unless it is to be remembered. */
  readonly idleMs: number;
  /** Milliseconds after which any session ends. */
  readonly lifeMs: number;
}

/** Most of one account; beyond that the one seen longest ago ends. */
export const maxSessionsOfUser = 100;
/** Sessions that have expired and go with one sign-in, so that no write is long; each adds only one. */
const sweptAtOnce = 100;
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
  readonly #known = new ReadCache<string, Session | undefined>(cacheLimit);
  /** One account that signs in again and again takes one place in the line of writes, where pushes wait too. */
  readonly #opening = new Turns<number>();
  /** Sessions whose use is being written down. */
  readonly #touching = new Set<string>();

  constructor(
    private readonly database: Database,
    users: Users,
    private readonly limits: SessionLimits,
    private readonly now: () => number = Date.now,
  ) {
    users.onChange(() => this.#known.clear());
  }

  /** Beyond {@link maxSessionsOfUser} the session seen longest ago ends. Throws UNAUTHORIZED when the account was disabled or got another password since `user` was read. */
  async open(
    user: User,
    client: { readonly address: string; readonly userAgent: string; readonly remember: boolean },
  ): Promise<{ id: string; expiresAt: Date }> {
    const id = randomBytes(32).toString('base64url');
    const now = this.now();
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
      const current = { id: user.id, enabled: true, credentialVersion: user.credentialVersion };
      const signedIn = await tx.update(UserEntity, current, { lastSignInAt: session.createdAt });
      if (signedIn.affected !== 1) throw new Failure('UNAUTHORIZED');
      await tx.sql`
        DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ${now} LIMIT ${sweptAtOnce})`;
      await tx.sql`DELETE FROM sessions WHERE user_id = ${user.id} AND created_at > ${latestIssue(now)}`;
      await tx.insert(SessionEntity, session);
      const actor = `user:${user.username}`;
      await record(tx, 'sign-in', user.username, { actor, after: { way: 'session' } });
      // Never the new one, whatever the clock said when the others were seen.
      const tooMany = await tx.find(SessionEntity, {
        where: { userId: user.id, id: Not(session.id) },
        order: { lastSeenAt: 'DESC' },
        skip: maxSessionsOfUser - 1,
      });
      if (tooMany.length > 0) await tx.delete(SessionEntity, { id: In(tooMany.map((old) => old.id)) });
      for (const before of tooMany) await record(tx, 'session.end', user.username, { actor, before });
      return tooMany;
    };
    const ended = await this.#opening.run(user.id, () => this.database.write(write));
    for (const old of ended) this.#known.delete(old.id);
    return { id, expiresAt: session.expiresAt };
  }

  /** Answers at once for a session it has met. */
  find(id: string): Session | undefined | Promise<Session | undefined> {
    const row = rowId(id);
    const known = this.#known.get(row);
    if (known !== undefined) return this.#alive(known);
    return this.#known
      .fill(row, async () => (await this.database.read.findOneBy(SessionEntity, { id: row })) ?? undefined)
      .then((session) => session && this.#alive(session));
  }

  /** Notes that the session is in use; writes at most once a minute. Nobody has to wait for it. */
  async touch(session: Session): Promise<void> {
    const now = this.now();
    if (now - session.lastSeenAt.getTime() < seenEvery || this.#touching.has(session.id)) return;
    const { idleMs, lifeMs } = this.limits;
    const idleEnd = Math.min(now + idleMs, session.createdAt.getTime() + lifeMs);
    const expiresAt = new Date(Math.max(session.expiresAt.getTime(), idleEnd));
    this.#touching.add(session.id);
    try {
      await this.database.write((tx) =>
        tx.update(SessionEntity, { id: session.id }, { lastSeenAt: new Date(now), expiresAt }),
      );
    } finally {
      this.#touching.delete(session.id);
      this.#known.delete(session.id);
    }
  }

  /** Signs out. */
  async revoke(id: string): Promise<void> {
    await this.#delete(async (tx) => {
      const [ended] = await tx.sql<{ username: string }[]>`
        SELECT u.username FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ${rowId(id)}`;
      if (ended === undefined) return;
      await tx.delete(SessionEntity, { id: rowId(id) });
      await record(tx, 'sign-out', ended.username, { actor: `user:${ended.username}` });
    });
  }

  /** Ends one session of the list. False when the user has no such session. */
  async revokeListed(userId: number, row: string): Promise<boolean> {
    return (await this.#end({ id: row, userId })) === 1;
  }

  async revokeAllOf(userId: number, exceptId?: string): Promise<void> {
    await this.#end(exceptId === undefined ? { userId } : { userId, id: Not(rowId(exceptId)) });
  }

  /** Ends what matches and tells how many that were. */
  #end(which: FindOptionsWhere<SessionEntity> & { readonly userId: number }): Promise<number> {
    return this.#delete(async (tx) => {
      const ended = await tx.findBy(SessionEntity, which);
      await tx.delete(SessionEntity, which);
      await recordEnded(which.userId, ended, tx);
      return ended.length;
    });
  }

  async #delete<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.database.write(work);
    } finally {
      this.#known.clear();
    }
  }

  #alive(session: Session): Session | undefined {
    return hasExpired(session, this.now()) || isAhead(session.createdAt, this.now()) ? undefined : session;
  }
}

/** The row of a session secret. */
export function rowId(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
