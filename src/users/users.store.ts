import { type EntityManager, type FindOperator, In, MoreThan, Not } from 'typeorm';
import { clearReferences } from '../database/clear-references.js';
import type { Database } from '../database/database.js';
import { containedIn, containing, lockName, lockRow } from '../database/dialect.js';
import { type Page, pageOf } from '../database/page.js';
import type { Seeker } from '../database/seeker.js';
import { foundPage, type NameQuery } from './found-page.store.js';
import { UserEntity } from './user.entity.js';

/** An account as it was read: what was issued since may be void. */
type ReadAccount = Pick<UserEntity, 'id' | 'credentialVersion'>;

/** Where `q` is searched. */
const searched = ['username', 'full_name'];

/** The rows of accounts. */
export class UserStore {
  constructor(private readonly database: Database) {}

  findById(id: number): Promise<UserEntity | null> {
    return this.database.read.findOneBy(UserEntity, { id });
  }

  find(username: string): Promise<UserEntity | null> {
    return this.database.read.findOneBy(UserEntity, { username });
  }

  async findOldest(): Promise<UserEntity | undefined> {
    const [row] = await this.database.read.find(UserEntity, { order: { id: 'ASC' }, take: 1 });
    return row;
  }

  /** By username in byte order; `q` is searched in user and full names, for `by`. */
  async page({ limit, cursor = '', q = '', by }: NameQuery): Promise<Page<UserEntity>> {
    const find = (username: FindOperator<string>, take: number) =>
      this.database.read.find(UserEntity, { where: { username }, order: { username: 'ASC' }, take });
    if (q === '') return pageOf(await find(MoreThan(cursor), limit + 1), limit, ({ username }) => username);
    const search = { table: 'users', name: 'username', searched, limit, cursor, q, by };
    return foundPage(this.database, search, (names) => find(In(names), limit));
  }

  count(): Promise<number> {
    return this.database.read.count(UserEntity);
  }

  /** How many have the text in their user or full names. */
  async countFound(q: string, by: Seeker | undefined): Promise<number> {
    const like = containing(q);
    const [row] = await this.database.search<{ count: number }>(
      `SELECT COUNT(*) AS count FROM users WHERE ${containedIn(...searched)}`,
      [like, like],
      by,
    );
    return row?.count ?? 0;
  }
}

export function insertUser(tx: EntityManager, row: Omit<UserEntity, 'id'>): Promise<UserEntity> {
  return tx.save(UserEntity, row);
}

/** A row to change and to give to {@link saveUser}; locked. */
export async function userToChange(tx: EntityManager, username: string): Promise<UserEntity | null> {
  await lockRow(tx, UserEntity, { username });
  return tx.findOneBy(UserEntity, { username });
}

export async function saveUser(tx: EntityManager, user: UserEntity): Promise<void> {
  await tx.save(user);
}

/** With it go its sessions, tokens and memberships. */
export async function deleteUser(tx: EntityManager, id: number): Promise<void> {
  await clearReferences(tx, 'users', id);
  await tx.delete(UserEntity, { id });
}

export async function usernameOf(tx: EntityManager, id: number): Promise<string | undefined> {
  return (await tx.findOneBy(UserEntity, { id }))?.username;
}

/** As {@link usernameOf}, and locks the row: before counting what the account has. */
export async function lockUser(tx: EntityManager, id: number): Promise<string | undefined> {
  await lockRow(tx, UserEntity, { id });
  return usernameOf(tx, id);
}

/** To be called first by what may take the rights of an administrator, so that two that go at the same time do not both count each other. */
export function lockAdmins(tx: EntityManager): Promise<void> {
  return lockName(tx, 'administrators');
}

export async function idOfUser(tx: EntityManager, username: string): Promise<number | undefined> {
  return (await tx.findOneBy(UserEntity, { username }))?.id;
}

/** Enabled administrators beside this one, after {@link lockAdmins}. */
export function countOtherAdmins(tx: EntityManager, id: number): Promise<number> {
  return tx.countBy(UserEntity, { id: Not(id), role: 'admin', enabled: true });
}

/** Whether the account is enabled, and its password the one it had; its row is locked, so that it stays so. */
export async function isCurrent(tx: EntityManager, { id, credentialVersion }: ReadAccount): Promise<boolean> {
  await lockRow(tx, UserEntity, { id });
  return tx.existsBy(UserEntity, { id, enabled: true, credentialVersion });
}

/** Notes a sign-in, which locks the row of the account. False when it was disabled or got another password. */
export async function markSignIn(
  tx: EntityManager,
  { id, credentialVersion }: ReadAccount,
  lastSignInAt: Date,
): Promise<boolean> {
  const { affected } = await tx.update(UserEntity, { id, enabled: true, credentialVersion }, { lastSignInAt });
  return affected === 1;
}

/** How many rows there are, each a query of one number to stand inside another. */
export const accountCounts = {
  users: 'SELECT COUNT(*) FROM users',
  groups: 'SELECT COUNT(*) FROM "groups"',
  robots: 'SELECT COUNT(*) FROM robots',
};
