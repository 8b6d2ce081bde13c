import { isAdministrator } from '../access/principal.js';
import type { Condition } from '../database/condition.js';
import type { Page } from '../database/page.js';
import { Failure } from '../errors/failure.js';
import type { AccessToken } from '../users/tokens/access-token.js';
import type { AccessTokens, NewAccessToken } from '../users/tokens/access-tokens.js';
import type { Users } from '../users/users.js';
import type { Asker } from './asker.js';
import type { Managing } from './managing.js';

/** Somebody, and the id of the access token that they ask with; undefined for a session. */
export interface TokenAsker extends Asker {
  readonly token: number | undefined;
}

/** An access token, and the username of its owner. */
export interface OwnedToken {
  readonly token: AccessToken;
  readonly owner: string;
}

/** The secret is told once and kept nowhere. */
export interface IssuedToken extends OwnedToken {
  readonly secret: string;
}

export interface TokenFilter {
  /** Whose; left out, an administrator gets everybody's and others their own. */
  readonly username?: string | undefined;
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * The access tokens as one asker may use them: people their own, an administrator those of everybody. A token of somebody else looks
 * like one that does not exist. Nobody gets a secret by it that is good for longer than the token they ask with.
 */
export class ManagedTokens {
  constructor(
    private readonly by: TokenAsker,
    private readonly managing: Managing,
    private readonly tokens: AccessTokens,
    private readonly users: Users,
  ) {}

  /** Oldest first. Throws DENIED for the tokens of somebody else, and NOT_FOUND to an administrator who names nobody. */
  async list({ username, ...place }: TokenFilter): Promise<Page<OwnedToken>> {
    const userId = await this.#whose(username);
    const page = await this.tokens.list({ ...place, ...(userId !== undefined && { userId }) });
    const owned = await Promise.all(page.items.map((token) => this.#withOwner(token)));
    return { ...page, items: owned.filter((one) => one !== undefined) }; // an account may go while its tokens are read
  }

  /** Throws NOT_FOUND. */
  async get(id: number): Promise<OwnedToken> {
    const token = await this.tokens.findById(id);
    if (token === undefined) throw noSuchToken();
    await this.#requireSeen(token);
    const owned = await this.#withOwner(token);
    if (owned === undefined) throw noSuchToken();
    return owned;
  }

  /** One more of the asker's own. Throws VALIDATION_FAILED for an end after that of the token asked with, and what {@link AccessTokens.create} throws. */
  async create(token: NewAccessToken): Promise<IssuedToken> {
    const { id, name: owner } = this.#person();
    if (await this.#outlives(token.expiresAt ?? null)) {
      const message = 'not later than the end of the access token that makes it';
      throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/expiresAt', message }] });
    }
    return { ...(await this.tokens.create(id, token)), owner };
  }

  /**
   * Another secret for the same token; the old one ends. Only its owner may know the new one. Throws NOT_FOUND, DENIED, CONFLICT for one
   * that has expired, and what the condition throws.
   */
  async rotate(id: number, condition?: Condition<OwnedToken>): Promise<IssuedToken> {
    const { token: found, owner } = await this.get(id);
    await this.#requireRotating(found); // whoever may not at all takes no turn among the changes
    const issued = await this.tokens.rotate(id, async (token) => {
      await this.#requireSeen(token);
      await this.#requireRotating(token);
      await condition?.({ token, owner });
    });
    return { ...issued, owner };
  }

  /** Throws NOT_FOUND, and what the condition throws. */
  async remove(id: number, condition?: Condition<OwnedToken>): Promise<void> {
    const { owner } = await this.get(id);
    await this.tokens.remove(id, async (token) => {
      await this.#requireSeen(token);
      await condition?.({ token, owner });
    });
  }

  /** The id of the user whose tokens are listed; undefined for everybody's. */
  async #whose(username: string | undefined): Promise<number | undefined> {
    const { id, name } = this.#person();
    if (username === name) return id;
    if (!isAdministrator(this.by.principal)) {
      if (username !== undefined) throw new Failure('DENIED');
      return id;
    }
    if (username === undefined) return undefined;
    const user = await this.users.find(username);
    if (user === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such user' });
    return user.id;
  }

  async #requireSeen(token: AccessToken): Promise<void> {
    if (token.userId === this.#person().id) return;
    if ((await this.managing.limited()) !== undefined) throw noSuchToken();
  }

  async #requireRotating(token: AccessToken): Promise<void> {
    if (token.userId !== this.#person().id)
      throw new Failure('DENIED', { message: 'only its owner may rotate a token' });
    if (await this.#outlives(token.expiresAt))
      throw new Failure('DENIED', { message: 'the access token that asks ends before this one' });
  }

  /** Whether a secret that is good until then would outlive the token asked with: who finds a token has it for its own time and no longer. */
  async #outlives(end: Date | null): Promise<boolean> {
    const asking = this.by.token === undefined ? undefined : await this.tokens.findById(this.by.token);
    const until = asking?.expiresAt ?? null;
    return until !== null && (end === null || end > until);
  }

  /** Throws DENIED to a robot. */
  #person() {
    const { principal } = this.by;
    if (principal.kind !== 'user') throw new Failure('DENIED', { message: 'this is for people, not for robots' });
    return principal;
  }

  async #withOwner(token: AccessToken): Promise<OwnedToken | undefined> {
    const user = await this.users.findById(token.userId);
    return user && { token, owner: user.username };
  }
}

const noSuchToken = (): Failure => new Failure('NOT_FOUND', { message: 'there is no such access token' });
