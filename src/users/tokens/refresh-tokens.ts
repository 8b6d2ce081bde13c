import type { EntityManager } from 'typeorm';
import { clock } from '../../async/clock.js';
import { ReadCache } from '../../async/read-cache.js';
import type { Changes } from '../../changes/changes.js';
import type { Database } from '../../database/database.js';
import { Turns } from '../../database/turns.js';
import { Failure } from '../../errors/failure.js';
import { cleanText } from '../../text/clean-text.js';
import { recordEnded, recordGivenWay } from '../record-ended.js';
import type { User } from '../user.js';
import type { Users } from '../users.js';
import { isCurrent } from '../users.store.js';
import { hasExpired, isAhead, latestIssue } from './expiry.js';
import { LastUses } from './last-uses.js';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import {
  deleteRefreshTokensAfter,
  deleteRefreshTokensOf,
  insertRefreshToken,
  RefreshTokenStore,
  sweepRefreshTokens,
  updateUse,
} from './refresh-tokens.store.js';
import { hashSecret, makeSecret, secretKind } from './secret.js';

/** Its id is no secret: the SHA-256 of the secret, in hex. */
export type RefreshToken = Readonly<RefreshTokenEntity>;

/** Milliseconds without a use after which a refresh token ends. */
export const refreshIdleMs = 90 * 24 * 60 * 60 * 1000;
/** Most of one user; behind that the one used longest ago ends. */
const maxTokensOfUser = 100;
/** Characters kept of what a client calls itself. */
const clientLength = 256;
/** Tokens that `findById` remembers. */
const cacheLimit = 10_000;

/**
 * What a client keeps instead of a password (the OAuth2 side of Distribution's token specification). A refresh token never rotates, because
 * docker replays the one it stored; it ends when it is idle, revoked, or with the account's password.
 */
export class RefreshTokens {
  readonly #store: RefreshTokenStore;
  readonly #known = new ReadCache<string, RefreshToken | undefined>(cacheLimit);
  /** One account that signs in again and again takes one place in the line of writes, where pushes wait too. */
  readonly #issuing = new Turns<number>();
  readonly #uses: LastUses<string>;

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly users: Users,
  ) {
    this.#store = new RefreshTokenStore(database);
    changes.onCommitted(['user.update', 'user.password', 'user.delete'], () => this.#known.clear());
    changes.onCommitted(['session.end'], (some) => {
      for (const { payload } of some) this.#known.delete(payload.session);
    });
    this.#uses = new LastUses((uses) => {
      const written = database.write(async (tx) => {
        for (const { id, at } of uses) await updateUse(tx, id, { lastUsedAt: at, expiresAt: idleEnd(at.getTime()) });
      });
      return written.finally(() => this.#known.clear());
    });
  }

  /** The secret is told once. Throws UNAUTHORIZED when the account was disabled or got another password since `user` was read. */
  async issue(
    user: User,
    client: {
      readonly service: string;
      readonly clientId: string;
      readonly address: string;
      readonly userAgent?: string;
    },
  ): Promise<{ id: string; secret: string }> {
    const { secret, hash } = makeSecret('refresh');
    const now = new Date(clock.wall());
    const token = {
      id: hash,
      userId: user.id,
      service: client.service,
      clientId: cleanText(client.clientId, clientLength),
      createdAt: now,
      lastUsedAt: now,
      expiresAt: idleEnd(now.getTime()),
      address: client.address,
      userAgent: cleanText(client.userAgent ?? '', clientLength),
    };
    const write = async (tx: EntityManager) => {
      if (!(await isCurrent(tx, user))) throw new Failure('UNAUTHORIZED');
      await sweepRefreshTokens(tx, now.getTime());
      await deleteRefreshTokensAfter(tx, user.id, latestIssue(now.getTime()));
      await recordGivenWay(user, await insertRefreshToken(tx, token, maxTokensOfUser), tx, this.changes);
    };
    await this.#issuing.run(user.id, () => this.database.write(write));
    return { id: hash, secret };
  }

  /** Its owner, who is enabled, when it is alive and was issued for this service. */
  async check(secret: string, service: string): Promise<{ user: User; token: RefreshToken } | undefined> {
    if (secretKind(secret) !== 'refresh') return undefined;
    const token = await this.findById(hashSecret(secret));
    if (token === undefined || token.service !== service) return undefined;
    const user = await this.users.findById(token.userId);
    return user?.enabled ? { user, token } : undefined;
  }

  /** Notes that it was used, which postpones its end; written down later, at most once a minute. */
  noteUse({ id, address }: RefreshToken): void {
    this.#uses.note(id, address);
  }

  /** Only while it is alive. Answers at once for a token it has met: for every request by something issued for it. */
  findById(id: string): RefreshToken | undefined | Promise<RefreshToken | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) return this.#alive(known);
    return this.#known.fill(id, () => this.#store.find(id)).then((token) => token && this.#alive(token));
  }

  /** Ends one. False when the user has no such token. */
  async revoke(userId: number, id: string): Promise<boolean> {
    return (await this.#end({ id, userId })) === 1;
  }

  async revokeAllOf(userId: number): Promise<void> {
    await this.#end({ userId });
  }

  /** Writes the uses that wait. */
  onModuleDestroy(): Promise<void> {
    return this.#uses.flush();
  }

  /** Ends what matches and tells how many that were. */
  async #end(which: { readonly userId: number; readonly id?: string }): Promise<number> {
    return await this.database.write(async (tx) => {
      const ended = await deleteRefreshTokensOf(tx, which);
      await recordEnded(which.userId, ended, tx, this.changes);
      return ended.length;
    });
  }

  #alive(token: RefreshToken): RefreshToken | undefined {
    return hasExpired(token, clock.wall()) || isAhead(token.createdAt, clock.wall()) ? undefined : token;
  }
}

function idleEnd(lastUsed: number): Date {
  return new Date(lastUsed + refreshIdleMs);
}
