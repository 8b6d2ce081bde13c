import type { EntityManager } from 'typeorm';
import { currentOrigin } from '../access/origin.js';
import type { Role } from '../access/principal.js';
import { clock } from '../async/clock.js';
import { ReadCache } from '../async/read-cache.js';
import type { Changes } from '../changes/changes.js';
import type { ChangeKind } from '../changes/kinds.js';
import { StartupError } from '../data-directory/startup-error.js';
import type { Condition } from '../database/condition.js';
import type { Database } from '../database/database.js';
import { violatesUnique } from '../database/dialect.js';
import type { Page } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import { Failure, isFailure } from '../errors/failure.js';
import type { AccountEnd } from './account-end.js';
import type { NameQuery } from './found-page.store.js';
import type { PasswordHasher } from './password-hasher.js';
import { passwordProblem, passwordProblemText } from './password-policy.js';
import { randomPassword } from './random-password.js';
import { isReservedName } from './reserved-names.js';
import { deleteSessionsOf } from './sessions.store.js';
import { deleteRefreshTokensOf } from './tokens/refresh-tokens.store.js';
import type { UserEntity } from './user.entity.js';
import { emailRule, fullNameRule, isEmail, isFullName, isUsername, toUser, type User, usernameRule } from './user.js';
import {
  countOtherAdmins,
  deleteUser,
  insertUser,
  lockAdmins,
  saveUser,
  UserStore,
  userToChange,
} from './users.store.js';

export interface NewUser {
  readonly username: string;
  /** Generated when left out. */
  readonly password?: string;
  readonly role: Role;
  readonly fullName?: string | null;
  readonly email?: string | null;
  /** By default only a generated password has to be changed. */
  readonly mustChangePassword?: boolean;
}

export interface UserChanges {
  readonly role?: Role;
  readonly enabled?: boolean;
  readonly fullName?: string | null;
  readonly email?: string | null;
}

/** A user and what proves a password to be theirs. */
export interface Credentials {
  readonly user: User;
  readonly passwordHash: string;
}

/** Accounts that `findById` remembers. */
const cacheLimit = 10_000;

/** The accounts. */
export class Users {
  readonly #store: UserStore;
  readonly #known = new ReadCache<number, User | undefined>(cacheLimit);
  readonly #ends: AccountEnd[] = [];
  readonly #passwordEnds: (() => Promise<void>)[] = [];

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly hasher: Pick<PasswordHasher, 'hash'>,
  ) {
    this.#store = new UserStore(database);
    changes.onCommitted(['user.update', 'user.password', 'user.delete'], (some) => {
      for (const { id } of some) if (id !== null) this.#known.delete(id);
    });
  }

  async find(username: string): Promise<User | undefined> {
    return (await this.findCredentials(username))?.user;
  }

  /** Answers at once for an account it has met since its last change, because every request asks this; `lastSignInAt` may be older. */
  findById(id: number): User | undefined | Promise<User | undefined> {
    return (
      this.#known.get(id) ??
      this.#known.fill(id, async () => {
        const row = await this.#store.findById(id);
        return row === null ? undefined : toUser(row);
      })
    );
  }

  /** For the password check only. */
  async findCredentials(username: string): Promise<Credentials | undefined> {
    const row = isUsername(username) ? await this.#store.find(username) : null;
    return row === null ? undefined : { user: toUser(row), passwordHash: row.passwordHash };
  }

  /** The account that has been there for longest. */
  async findOldest(): Promise<Credentials | undefined> {
    const row = await this.#store.findOldest();
    return row && { user: toUser(row), passwordHash: row.passwordHash };
  }

  /** By username in byte order; `q` is searched in user and full names, for `by`. */
  async list(query: NameQuery): Promise<Page<User>> {
    const page = await this.#store.page(query);
    return { ...page, items: page.items.map(toUser) };
  }

  count(): Promise<number> {
    return this.#store.count();
  }

  /** How many {@link list} has altogether. */
  async countFound(q = '', by?: Seeker): Promise<number> {
    return q === '' ? await this.count() : await this.#store.countFound(q, by);
  }

  /** Throws VALIDATION_FAILED, PASSWORD_REJECTED or USERNAME_TAKEN. The generated password is told once and kept nowhere. */
  create(input: NewUser): Promise<{ user: User; initialPassword?: string }> {
    return this.#create(input);
  }

  /** `keep` has the generated password before anything is written; when it rejects, nothing is. */
  async #create(
    input: NewUser,
    keep: (generated: string) => Promise<void> = async () => undefined,
  ): Promise<{ user: User; initialPassword?: string }> {
    if (!isUsername(input.username) || isReservedName(input.username))
      throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/username', message: usernameRule }] });
    assertFullName(input.fullName);
    assertEmail(input.email);
    const password = input.password ?? randomPassword();
    const generated = input.password === undefined;
    const row = {
      username: input.username,
      fullName: input.fullName ?? null,
      email: input.email ?? null,
      role: input.role,
      enabled: true,
      passwordHash: await this.#hash(password, input.username),
      mustChangePassword: input.mustChangePassword ?? generated,
      credentialVersion: 1,
      createdAt: new Date(clock.wall()),
      lastSignInAt: null,
    };
    if (generated) await keep(password);
    const created = await this.database
      .write(async (tx) => {
        const saved = await insertUser(tx, row);
        await this.#record(tx, 'user.create', saved, { after: row });
        return saved;
      })
      .catch((error: unknown) => {
        throw violatesUnique(error) ? new Failure('USERNAME_TAKEN', { cause: error }) : error;
      });
    return generated ? { user: toUser(created), initialPassword: password } : { user: toUser(created) };
  }

  /** Disabling ends every session and refresh token, and no other token is accepted meanwhile. Throws NOT_FOUND, VALIDATION_FAILED or LAST_ADMIN, and what the condition throws. */
  async update(username: string, changes: UserChanges, condition?: Condition<User>): Promise<User> {
    assertFullName(changes.fullName);
    assertEmail(changes.email);
    const takesRights = changes.role === 'user' || changes.enabled === false;
    return this.#change(username, { takesRights, condition }, async (user, tx) => {
      const before = { ...user };
      const { role = user.role, enabled = user.enabled, fullName = user.fullName, email = user.email } = changes;
      if (role !== 'admin' || !enabled) await keepAnAdmin(user, tx);
      if (user.enabled && !enabled) await voidCredentials(user, tx);
      Object.assign(user, { role, enabled, fullName, email });
      await saveUser(tx, user);
      await this.#record(tx, 'user.update', user, { before, after: user });
    });
  }

  /** Ends every session and refresh token. Throws NOT_FOUND or PASSWORD_REJECTED. */
  async setPassword(username: string, password: string, { mustChange }: { mustChange: boolean }): Promise<User> {
    const passwordHash = await this.#hash(password, username);
    const changed = await this.#change(username, { takesRights: false }, async (user, tx) => {
      await voidCredentials(user, tx);
      Object.assign(user, { passwordHash, mustChangePassword: mustChange });
      await saveUser(tx, user);
      await this.#record(tx, 'user.password', user, { after: user });
    });
    for (const end of this.#passwordEnds) await end();
    return changed;
  }

  /** With the account go its sessions, tokens, memberships and grants; what it pushed and owned stays. Throws NOT_FOUND or LAST_ADMIN, and what the condition throws. */
  async remove(username: string, condition?: Condition<User>): Promise<void> {
    await this.#change(username, { takesRights: true, condition }, async (user, tx) => {
      await keepAnAdmin(user, tx);
      for (const end of this.#ends) await end(tx, user);
      await deleteUser(tx, user.id);
      await this.#record(tx, 'user.delete', user, { before: user });
    });
    for (const end of this.#passwordEnds) await end();
  }

  /** Called inside the transaction of every removal, while the account is still there. */
  onRemove(end: AccountEnd): void {
    this.#ends.push(end);
  }

  /** Called when a password was replaced, or went with its account, and before that is acknowledged. */
  onPasswordEnd(end: () => Promise<void>): void {
    this.#passwordEnds.push(end);
  }

  /**
   * Creates the administrator of an empty installation, and does nothing in any other.
   * A generated password has to be changed; `keep` has it before the account is there, which is not made when that rejects.
   * Throws StartupError for a name or a password of the operator that is not acceptable.
   */
  async createFirstAdmin(
    admin: { username: string; password?: string },
    keep?: (generated: string) => Promise<void>,
  ): Promise<{ username: string; generatedPassword?: string } | undefined> {
    if ((await this.count()) > 0) return undefined;
    const { username, password } = admin;
    try {
      const { initialPassword } = await this.#create({ username, password, role: 'admin' }, keep);
      return { username, ...(initialPassword !== undefined && { generatedPassword: initialPassword }) };
    } catch (error) {
      if (isFailure(error, 'PASSWORD_REJECTED'))
        throw new StartupError(`BERTH_ADMIN_PASSWORD is refused: ${error.message}`);
      if (isFailure(error, 'VALIDATION_FAILED'))
        throw new StartupError(`BERTH_ADMIN_USERNAME is refused: ${usernameRule}.`);
      throw error;
    }
  }

  async #hash(password: string, username: string): Promise<string> {
    const problem = passwordProblem(password, { username });
    if (problem !== undefined)
      throw new Failure('PASSWORD_REJECTED', { message: passwordProblemText[problem], detail: { problem } });
    return this.hasher.hash(password, { lane: 'signed-in', owner: currentOrigin().actor });
  }

  /** @param takesRights whether it may take the rights of an administrator */
  #change(
    username: string,
    { takesRights, condition }: { readonly takesRights: boolean; readonly condition?: Condition<User> | undefined },
    work: (user: UserEntity, tx: EntityManager) => Promise<void>,
  ): Promise<User> {
    return this.database.write(async (tx) => {
      if (takesRights) await lockAdmins(tx);
      const user = await userToChange(tx, username);
      if (user === null) throw new Failure('NOT_FOUND');
      await condition?.(toUser(user));
      await work(user, tx);
      return toUser(user);
    });
  }

  #record(
    tx: EntityManager,
    kind: Extract<ChangeKind, `user.${string}`>,
    { id, username, role, enabled }: UserEntity,
    states: { readonly before?: object; readonly after?: object },
  ): Promise<void> {
    const payload = { username, role, enabled };
    return this.changes.record(tx, { kind, id, payload, audit: { name: username, ...states } });
  }
}

function assertFullName(fullName: string | null | undefined): void {
  if (typeof fullName !== 'string' || isFullName(fullName)) return;
  throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/fullName', message: fullNameRule }] });
}

function assertEmail(email: string | null | undefined): void {
  if (typeof email !== 'string' || isEmail(email)) return;
  throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/email', message: emailRule }] });
}

/** For a change that takes the administrator's rights from `user`. Throws LAST_ADMIN when nobody else has them. */
async function keepAnAdmin(user: UserEntity, tx: EntityManager): Promise<void> {
  if (user.role !== 'admin' || !user.enabled) return;
  if ((await countOtherAdmins(tx, user.id)) === 0) throw new Failure('LAST_ADMIN');
}

/** Ends sign-ins and refresh tokens, and voids what was issued. Personal access tokens stay, and are refused while the account is disabled. */
async function voidCredentials(user: UserEntity, tx: EntityManager): Promise<void> {
  user.credentialVersion += 1;
  await deleteSessionsOf(tx, { userId: user.id });
  await deleteRefreshTokensOf(tx, { userId: user.id });
}
