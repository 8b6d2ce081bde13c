import type { EntityManager } from 'typeorm';
import { clearReferences } from '../../database/clear-references.js';
import type { Database, PreparedRead } from '../../database/database.js';
import { itemOf, joinEach, listed, listOf, lockRow } from '../../database/dialect.js';
import { type Page, pageOf } from '../../database/page.js';
import { foundPage, type NameQuery } from '../found-page.store.js';
import { UserEntity } from '../user.entity.js';
import { GroupEntity } from './group.entity.js';
import type { Group } from './group.js';
import { GroupMemberEntity } from './group-member.entity.js';

interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly member_count: number;
}

/** A user in a group. */
type Membership = Pick<GroupMemberEntity, 'groupId' | 'userId'>;

/** Where `q` is searched. */
const searched = ['name', 'description'];

const columns = `g.id, g.name, g.description, g.created_at, g.updated_at,
  (SELECT COUNT(*) FROM group_members c WHERE c.group_id = g.id) AS member_count`;
const behind = `SELECT ${columns} FROM "groups" g WHERE g.name > ? ORDER BY g.name LIMIT ?`;
const byName = `SELECT ${columns} FROM "groups" g WHERE g.name = ?`;
const byNames = `SELECT ${columns} FROM ${listed('names')} ${joinEach} "groups" g WHERE g.name = ${itemOf('names')}`;
const ofUser = `SELECT ${columns} FROM "groups" g JOIN group_members m ON m.group_id = g.id WHERE m.user_id = ? ORDER BY g.name`;
export const groupQueries = [behind, byName, byNames, ofUser];

/** The rows of groups and of who is in them. Reads are prepared because they count members. */
export class GroupStore {
  readonly #behind: PreparedRead<GroupRow>;
  readonly #byName: PreparedRead<GroupRow>;
  readonly #byNames: PreparedRead<GroupRow>;
  readonly #ofUser: PreparedRead<GroupRow>;

  constructor(private readonly database: Database) {
    this.#behind = database.prepare(behind);
    this.#byName = database.prepare(byName);
    this.#byNames = database.prepare(byNames);
    this.#ofUser = database.prepare(ofUser);
  }

  /** By name in byte order; `q` is searched in names and descriptions, for `by`. */
  async page({ limit, cursor = '', q = '', by }: NameQuery): Promise<Page<Group>> {
    if (q === '') {
      const rows = await this.#behind.list(cursor, limit + 1);
      return pageOf(rows.map(toGroup), limit, ({ name }) => name);
    }
    const search = { table: '"groups"', name: 'name', searched, limit, cursor, q, by };
    return foundPage(this.database, search, async (names) => (await this.#byNames.list(listOf(names))).map(toGroup));
  }

  async find(name: string): Promise<Group | undefined> {
    const row = await this.#byName.find(name);
    return row && toGroup(row);
  }

  /** By name. */
  async groupsOf(userId: number): Promise<Group[]> {
    return (await this.#ofUser.list(userId)).map(toGroup);
  }

  /** By username in byte order, behind the cursor. Undefined for a group that is not there. */
  async membersOf(
    name: string,
    { limit, cursor }: { readonly limit: number; readonly cursor: string },
  ): Promise<UserEntity[] | undefined> {
    const group = await this.database.read.findOneBy(GroupEntity, { name });
    if (group === null) return undefined;
    return this.database.read
      .createQueryBuilder(UserEntity, 'user')
      .innerJoin(GroupMemberEntity, 'member', 'member.userId = user.id AND member.groupId = :group', {
        group: group.id,
      })
      .where('user.username > :cursor', { cursor })
      .orderBy('user.username')
      .limit(limit)
      .getMany();
  }
}

export function insertGroup(tx: EntityManager, row: Omit<GroupEntity, 'id'>): Promise<GroupEntity> {
  return tx.save(GroupEntity, row);
}

/** Locked. */
export async function groupToChange(tx: EntityManager, name: string): Promise<GroupEntity | null> {
  await lockRow(tx, GroupEntity, { name });
  return tx.findOneBy(GroupEntity, { name });
}

/** Gives the group as it is then. */
export async function updateGroup(
  tx: EntityManager,
  group: GroupEntity,
  changes: { readonly description?: string; readonly updatedAt: Date },
): Promise<Group> {
  await tx.update(GroupEntity, { id: group.id }, changes);
  const { description = group.description, updatedAt } = changes;
  return { ...group, description, updatedAt, memberCount: await tx.countBy(GroupMemberEntity, { groupId: group.id }) };
}

/** With it go its memberships. */
export async function deleteGroup(tx: EntityManager, id: number): Promise<void> {
  await clearReferences(tx, 'groups', id);
  await tx.delete(GroupEntity, { id });
}

/** False for one who is a member already. */
export async function insertMember(tx: EntityManager, member: Membership, now: Date): Promise<boolean> {
  if (await tx.existsBy(GroupMemberEntity, member)) return false;
  await tx.insert(GroupMemberEntity, { ...member, createdAt: now });
  await tx.update(GroupEntity, { id: member.groupId }, { updatedAt: now });
  return true;
}

/** False for one who is no member. */
export async function deleteMember(tx: EntityManager, member: Membership, now: Date): Promise<boolean> {
  const { affected } = await tx.delete(GroupMemberEntity, member);
  if (affected !== 1) return false;
  await tx.update(GroupEntity, { id: member.groupId }, { updatedAt: now });
  return true;
}

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
