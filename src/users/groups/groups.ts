import type { EntityManager } from 'typeorm';
import { record } from '../../audit/record.js';
import { clearReferences } from '../../database/clear-references.js';
import type { Database } from '../../database/database.js';
import { violatesUnique } from '../../database/dialect.js';
import { type Page, pageOf } from '../../database/page.js';
import { Failure } from '../../errors/failure.js';
import type { AccountEnd } from '../account-end.js';
import { assertDescription } from '../description.js';
import { foundPage, type NameQuery } from '../found-page.store.js';
import { UserEntity } from '../user.entity.js';
import { toUser, type User } from '../user.js';
import { GroupEntity } from './group.entity.js';
import { type Group, groupNameRule, isGroupName } from './group.js';
import { GroupMemberEntity } from './group-member.entity.js';

interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly member_count: number;
}

/** Where `q` is searched. */
const searched = ['name', 'description'];

// The name of the table is a word of SQL.
const selectGroups = `SELECT g.id, g.name, g.description, g.created_at, g.updated_at,
  (SELECT COUNT(*) FROM group_members c WHERE c.group_id = g.id) AS member_count FROM "groups" g`;

/** Groups of users. What a group is granted, each of its members has. */
export class Groups {
  readonly #listeners: (() => void)[] = [];
  readonly #ends: AccountEnd[] = [];

  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /** By name in byte order; `q` is searched in names and descriptions, for `by`. */
  async list({ limit, cursor = '', q = '', by }: NameQuery): Promise<Page<Group>> {
    if (q === '') {
      const sql = `${selectGroups} WHERE g.name > ? ORDER BY g.name LIMIT ?`;
      const rows = await this.database.read.query<GroupRow[]>(sql, [cursor, limit + 1]);
      return pageOf(rows.map(toGroup), limit, ({ name }) => name);
    }
    const search = { table: '"groups"', name: 'name', searched, limit, cursor, q, by };
    return foundPage(this.database, search, async (names) => {
      const sql = `${selectGroups} WHERE g.name IN (${names.map(() => '?').join()}) ORDER BY g.name`;
      return (await this.database.read.query<GroupRow[]>(sql, names)).map(toGroup);
    });
  }

  async find(name: string): Promise<Group | undefined> {
    const [row] = await this.database.read.query<GroupRow[]>(`${selectGroups} WHERE g.name = ?`, [name]);
    return row && toGroup(row);
  }

  /** Throws VALIDATION_FAILED or CONFLICT. */
  async create({ name, description = '' }: { name: string; description?: string }): Promise<Group> {
    if (!isGroupName(name))
      throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/name', message: groupNameRule }] });
    assertDescription(description);
    const now = new Date(this.now());
    const row = { name, description, createdAt: now, updatedAt: now };
    const group = await this.database
      .write(async (tx) => {
        const created = await tx.save(GroupEntity, row);
        await record(tx, 'group.create', name, { after: created });
        return created;
      })
      .catch((error: unknown) => {
        if (!violatesUnique(error)) throw error;
        throw new Failure('CONFLICT', { message: 'there is a group of this name already', cause: error });
      });
    return { ...group, memberCount: 0 };
  }

  /** Throws NOT_FOUND. */
  async update(name: string, changes: { readonly description?: string }): Promise<Group> {
    assertDescription(changes.description);
    return this.#change(name, async (before, tx) => {
      const { id } = before;
      await tx.update(GroupEntity, { id }, { ...changes, updatedAt: new Date(this.now()) });
      const [row] = await tx.query<GroupRow[]>(`${selectGroups} WHERE g.id = ?`, [id]);
      if (row === undefined) throw new Failure('NOT_FOUND');
      const after = toGroup(row);
      await record(tx, 'group.update', name, { before, after });
      return after;
    });
  }

  /** With the group go its grants; its members stay. Throws NOT_FOUND. */
  async remove(name: string): Promise<void> {
    await this.#change(name, async (before, tx) => {
      for (const end of this.#ends) await end(tx, before);
      await clearReferences(tx, 'groups', before.id);
      await tx.delete(GroupEntity, { id: before.id });
      await record(tx, 'group.delete', name, { before });
    });
  }

  /** False when the user was a member already. Throws NOT_FOUND for an unknown group or user. */
  addMember(group: string, username: string): Promise<boolean> {
    return this.#change(group, async (found, tx) => {
      const member = await this.#membership(found, username, tx);
      if (await tx.existsBy(GroupMemberEntity, member)) return false;
      const now = new Date(this.now());
      await tx.insert(GroupMemberEntity, { ...member, createdAt: now });
      await tx.update(GroupEntity, { id: found.id }, { updatedAt: now });
      await record(tx, 'group.member-add', group, { after: { username } });
      return true;
    });
  }

  /** Throws NOT_FOUND for an unknown group or user, and for one that is no member. */
  removeMember(group: string, username: string): Promise<void> {
    return this.#change(group, async (found, tx) => {
      const { affected } = await tx.delete(GroupMemberEntity, await this.#membership(found, username, tx));
      if (affected !== 1) throw new Failure('NOT_FOUND', { message: 'the user is not in this group' });
      await tx.update(GroupEntity, { id: found.id }, { updatedAt: new Date(this.now()) });
      await record(tx, 'group.member-remove', group, { before: { username } });
    });
  }

  /** By username in byte order. Throws NOT_FOUND. */
  async membersOf(name: string, { limit, cursor = '' }: { limit: number; cursor?: string }): Promise<Page<User>> {
    const group = await this.database.read.findOneBy(GroupEntity, { name });
    if (group === null) throw noSuchGroup();
    const rows = await this.database.read
      .createQueryBuilder(UserEntity, 'user')
      .innerJoin(GroupMemberEntity, 'member', 'member.userId = user.id AND member.groupId = :group', {
        group: group.id,
      })
      .where('user.username > :cursor', { cursor })
      .orderBy('user.username')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows.map(toUser), limit, ({ username }) => username);
  }

  /** The groups a user is in, by name. */
  async groupsOf(userId: number): Promise<Group[]> {
    const rows = await this.database.read.query<GroupRow[]>(
      `${selectGroups} JOIN group_members m ON m.group_id = g.id WHERE m.user_id = ? ORDER BY g.name`,
      [userId],
    );
    return rows.map(toGroup);
  }

  /** Called inside the transaction of every removal, while the group is still there. */
  onRemove(end: AccountEnd): void {
    this.#ends.push(end);
  }

  /** Hears of every change of a group or its members, before the change is acknowledged. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async #membership(group: GroupEntity, username: string, tx: EntityManager) {
    const user = await tx.findOneBy(UserEntity, { username });
    if (user === null) throw new Failure('NOT_FOUND', { message: 'there is no such user' });
    return { groupId: group.id, userId: user.id };
  }

  async #change<T>(name: string, work: (group: GroupEntity, tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.database.write(async (tx) => {
        const group = await tx.findOneBy(GroupEntity, { name });
        if (group === null) throw noSuchGroup();
        return work(group, tx);
      });
    } finally {
      for (const listener of this.#listeners) listener();
    }
  }
}

const noSuchGroup = () => new Failure('NOT_FOUND', { message: 'there is no such group' });

function toGroup(row: GroupRow): Group {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    memberCount: Number(row.member_count),
    createdAt: new Date(Number(row.created_at)),
    updatedAt: new Date(Number(row.updated_at)),
  };
}
