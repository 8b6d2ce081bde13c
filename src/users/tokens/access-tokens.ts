import type { EntityManager } from 'typeorm';
import type { Action } from '../../access/action.js';
import type { Pattern } from '../../access/pattern.js';
import { clock } from '../../async/clock.js';
import { ReadCache } from '../../async/read-cache.js';
import type { Changes } from '../../changes/changes.js';
import type { ChangeKind } from '../../changes/kinds.js';
import type { Condition } from '../../database/condition.js';
import type { Database } from '../../database/database.js';
import { violatesUnique } from '../../database/dialect.js';
import { fitting, type Page, pageOf } from '../../database/page.js';
import { Failure } from '../../errors/failure.js';
import { lockUser, usernameOf } from '../users.store.js';
import type { AccessTokenEntity } from './access-token.entity.js';
import { type AccessToken, isTokenName, type TokenScope, toAccessToken, tokenNameRule } from './access-token.js';
import {
  AccessTokenStore,
  countTokensOf,
  deleteToken,
  insertToken,
  saveToken,
  tokensWithScope,
  tokenToChange,
  updateToken,
} from './access-tokens.store.js';
import { assertNotExpired, hasExpired } from './expiry.js';
import { LastUses } from './last-uses.js';
import { makeSecret } from './secret.js';

export interface NewAccessToken {
  readonly name: string;
  readonly expiresAt?: Date | null;
  /** Left out or empty: all that the owner may. */
  readonly scopes?: readonly TokenScope[];
}

/** A token and its secret, which is told once and kept nowhere. */
export interface IssuedAccessToken {
  readonly token: AccessToken;
  readonly secret: string;
}

const maxTokensOfUser = 100;
export const maxScopes = 50;
/** Scopes of the tokens that `findById` remembers; a token counts as one more. */
const scopesKept = 20_000;
/** Characters of a page of tokens, about. */
const mostOfPage = 768 * 1024;
/** What a token, and a scope, has beside its name and its pattern, about. */
const restCharacters = 80;

/** A removed account takes its tokens with it; scopes follow the repository they are for. */
export const whatChangesTokens = [
  ...(['token.update', 'token.rotate', 'token.delete'] as const),
  ...(['user.update', 'user.password', 'user.delete'] as const),
  ...(['repository.rename', 'repository.delete'] as const),
] as const satisfies readonly ChangeKind[];

/** Personal access tokens. Who may see and change one is for `ManagedTokens` to say. */
export class AccessTokens {
  readonly #store: AccessTokenStore;
  readonly #known = new ReadCache<number, AccessToken | undefined>(
    scopesKept,
    (token) => 1 + (token?.scopes.length ?? 0),
  );
  readonly #uses: LastUses<number>;

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
  ) {
    this.#store = new AccessTokenStore(database);
    changes.onCommitted(whatChangesTokens, () => this.#known.clear());
    this.#uses = new LastUses((uses) => {
      const written = database.write(async (tx) => {
        for (const { id, at, address } of uses) await updateToken(tx, id, { lastUsedAt: at, lastUsedAddress: address });
      });
      return written.finally(() => this.#known.clear());
    });
  }

  /** Oldest first, those that have expired too; without `userId` everybody's. Fewer than `limit` where their scopes are many. */
  async list(filter: { userId?: number; limit: number; cursor?: string }): Promise<Page<AccessToken>> {
    const { userId, limit, cursor = '0' } = filter;
    const rows = await this.#store.list({ userId, after: Number(cursor), limit: limit + 1 });
    const tokens = rows.map(toAccessToken);
    const most = Math.max(1, Math.min(limit, fitting(tokens, mostOfPage, weigh).items.length));
    return pageOf(tokens, most, ({ id }) => String(id));
  }

  /** Answers at once for a token it has met since the last change, because every request by it asks this; `lastUsedAt` may be older. */
  findById(id: number): AccessToken | undefined | Promise<AccessToken | undefined> {
    return (
      this.#known.get(id) ??
      this.#known.fill(id, async () => {
        const row = await this.#store.findById(id);
        return row === null ? undefined : toAccessToken(row);
      })
    );
  }

  /** Throws VALIDATION_FAILED, NOT_FOUND for an unknown user, CONFLICT for a second one of a name or too many. */
  async create(userId: number, { name, expiresAt = null, scopes = [] }: NewAccessToken): Promise<IssuedAccessToken> {
    if (!isTokenName(name)) throw invalid('/name', tokenNameRule);
    if (scopes.length > maxScopes) throw invalid('/scopes', `at most ${maxScopes}`);
    const idle = scopes.findIndex(({ actions }) => actions.length === 0);
    if (idle >= 0) throw invalid(`/scopes/${idle}/actions`, 'at least one');
    assertNotExpired({ expiresAt }, clock.wall());
    const { secret, hash, hint } = makeSecret('token');
    const row = {
      ...{ userId, name, hash, hint, scopes, expiresAt, credentialVersion: 1 },
      ...{ createdAt: new Date(clock.wall()), lastUsedAt: null, lastUsedAddress: null },
    };
    const created = await this.database
      .write(async (tx) => {
        const owner = found(await lockUser(tx, userId));
        if ((await countTokensOf(tx, userId)) >= maxTokensOfUser)
          throw new Failure('CONFLICT', { message: `nobody has more than ${maxTokensOfUser} access tokens` });
        const created = await insertToken(tx, row);
        await this.#record(tx, 'token.create', created, owner, { after: { ...created, owner } });
        return created;
      })
      .catch((error: unknown) => {
        if (violatesUnique(error))
          throw new Failure('CONFLICT', { message: 'there is an access token of this name already', cause: error });
        throw error;
      });
    return { token: toAccessToken(created), secret };
  }

  /** Another secret for the same token; the old one and what was issued for it are refused from now on. Throws NOT_FOUND, CONFLICT for one that has expired, and what the condition throws. */
  rotate(id: number, condition?: Condition<AccessToken>): Promise<IssuedAccessToken> {
    const { secret, hash, hint } = makeSecret('token');
    return this.#change(id, async (token, tx) => {
      await condition?.(toAccessToken(token));
      if (hasExpired(token, clock.wall())) throw new Failure('CONFLICT', { message: 'the access token has expired' });
      const before = { ...token };
      Object.assign(token, { hash, hint, credentialVersion: token.credentialVersion + 1 });
      const after = await saveToken(tx, token);
      await this.#record(tx, 'token.rotate', after, await ownerOf(token.userId, tx), { before, after });
      return { token: toAccessToken(after), secret };
    });
  }

  /** Throws NOT_FOUND, and what the condition throws. */
  async remove(id: number, condition?: Condition<AccessToken>): Promise<void> {
    await this.#change(id, async (token, tx) => {
      await condition?.(toAccessToken(token));
      await deleteToken(tx, id);
      const owner = await ownerOf(token.userId, tx);
      await this.#record(tx, 'token.delete', token, owner, { before: { ...token, owner } });
    });
  }

  /**
   * Lets the scopes of exactly one repository follow it to its new name, in the transaction that renames it. A token that had one of the
   * new name already, which may more by that, is written down.
   */
  async follow(tx: EntityManager, from: Pattern, to: Pattern): Promise<void> {
    for (const before of await withScope(tx, from)) {
      const scopes = renamed(before.scopes, from, to);
      await updateToken(tx, before.id, { scopes });
      if (scopes.length < before.scopes.length) await this.#recordScopes(tx, before, scopes);
    }
  }

  /**
   * Leaves the scopes of exactly one repository without an action, in the transaction that removes it. They are not taken away,
   * because a token without scopes may all that its owner may.
   */
  async endScopes(tx: EntityManager, pattern: Pattern): Promise<void> {
    for (const before of await withScope(tx, pattern)) {
      const scopes = before.scopes.map((scope) => (scope.pattern === pattern ? { pattern, actions: [] } : scope));
      await updateToken(tx, before.id, { scopes });
      await this.#recordScopes(tx, before, scopes);
    }
  }

  /** Notes that a token was used; written down later, at most once a minute. */
  noteUse(id: number, address: string): void {
    this.#uses.note(id, address);
  }

  /** Writes the uses that wait. */
  onModuleDestroy(): Promise<void> {
    return this.#uses.flush();
  }

  #change<T>(id: number, work: (token: AccessTokenEntity, tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.write(async (tx) => {
      const token = await tokenToChange(tx, id);
      if (token === null) throw new Failure('NOT_FOUND');
      return work(token, tx);
    });
  }

  async #recordScopes(tx: EntityManager, before: AccessTokenEntity, scopes: readonly TokenScope[]): Promise<void> {
    const states = { before, after: { ...before, scopes } };
    await this.#record(tx, 'token.update', before, await ownerOf(before.userId, tx), states);
  }

  #record(
    tx: EntityManager,
    kind: Extract<ChangeKind, `token.${string}`>,
    { id, userId, name }: AccessTokenEntity,
    owner: string,
    states: { readonly before?: object; readonly after?: object },
  ): Promise<void> {
    const audit = { name: `${owner}/${name}`, ...states };
    return this.changes.record(tx, { kind, id, payload: { token: name, userId }, audit });
  }
}

/** The tokens that are narrowed to this pattern, among others. */
async function withScope(tx: EntityManager, pattern: Pattern): Promise<AccessTokenEntity[]> {
  const found = await tokensWithScope(tx, JSON.stringify(pattern));
  return found.filter(({ scopes }) => scopes.some((scope) => scope.pattern === pattern && scope.actions.length > 0));
}

/** Two scopes that are of one pattern then become one, which has what both had. */
function renamed(scopes: readonly TokenScope[], from: Pattern, to: Pattern): TokenScope[] {
  const byPattern = new Map<Pattern, Set<Action>>();
  for (const { pattern, actions } of scopes) {
    const name = pattern === from ? to : pattern;
    byPattern.set(name, new Set([...(byPattern.get(name) ?? []), ...actions]));
  }
  return [...byPattern].map(([pattern, actions]) => ({ pattern, actions: [...actions] }));
}

/** The name of the account. Throws NOT_FOUND. */
async function ownerOf(userId: number, tx: EntityManager): Promise<string> {
  return found(await usernameOf(tx, userId));
}

/** Throws NOT_FOUND. */
function found(username: string | undefined): string {
  if (username === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such user' });
  return username;
}

function invalid(pointer: string, message: string): Failure {
  return new Failure('VALIDATION_FAILED', { detail: [{ pointer, message }] });
}

function weigh({ name, scopes }: AccessToken): number {
  return scopes.reduce((sum, { pattern }) => sum + restCharacters + pattern.length, restCharacters + name.length);
}
