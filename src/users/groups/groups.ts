import type { EntityManager } from 'typeorm';
import { clock } from '../../async/clock.js';
import type { Changes } from '../../changes/changes.js';
import type { ChangeKind, ForPeople } from '../../changes/kinds.js';
import type { Condition } from '../../database/condition.js';
import type { Database } from '../../database/database.js';
import { violatesUnique } from '../../database/dialect.js';
import { type Page, pageOf } from '../../database/page.js';
import { Failure } from '../../errors/failure.js';
import type { AccountEnd } from '../account-end.js';
import { assertDescription } from '../description.js';
import type { NameQuery } from '../found-page.store.js';
import { toUser, type User } from '../user.js';
import { idOfUser } from '../users.store.js';
import type { GroupEntity } from './group.entity.js';
import { type Group, groupNameRule, isGroupName } from './group.js';
import {
  deleteGroup,
  deleteMember,
  GroupStore,
  groupToChange,
  insertGroup,
  insertMember,
  updateGroup,
} from './groups.store.js';

/** A group without what changes by its members coming and going. */
export type GroupRow = Omit<Group, 'memberCount'>;

/** Groups of users. What a group is granted, each of its members has. */
export class Groups {
  readonly #store: GroupStore;
  readonly #ends: AccountEnd[] = [];

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
  ) {
    this.#store = new GroupStore(database);
  }

  /** By name in byte order; `q` is searched in names and descriptions, for `by`. */
  list(query: NameQuery): Promise<Page<Group>> {
    return this.#store.page(query);
  }

  find(name: string): Promise<Group | undefined> {
    return this.#store.find(name);
  }

  /** Throws VALIDATION_FAILED or CONFLICT. */
  async create({ name, description = '' }: { name: string; description?: string }): Promise<Group> {
    if (!isGroupName(name))
      throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/name', message: groupNameRule }] });
    assertDescription(description);
    const now = new Date(clock.wall());
    const row = { name, description, createdAt: now, updatedAt: now };
    const group = await this.database
      .write(async (tx) => {
        const created = await insertGroup(tx, row);
        await this.#record(tx, 'group.create', created, { after: created });
        return created;
      })
      .catch((error: unknown) => {
        if (!violatesUnique(error)) throw error;
        throw new Failure('CONFLICT', { message: 'there is a group of this name already', cause: error });
      });
    return { ...group, memberCount: 0 };
  }

  /** Throws NOT_FOUND, and what the condition throws. */
  async update(
    name: string,
    changes: { readonly description?: string },
    condition?: Condition<GroupRow>,
  ): Promise<Group> {
    assertDescription(changes.description);
    return this.#change(name, async (before, tx) => {
      await condition?.(before);
      const after = await updateGroup(tx, before, { ...changes, updatedAt: new Date(clock.wall()) });
      await this.#record(tx, 'group.update', before, { before, after });
      return after;
    });
  }

  /** With the group go its grants; its members stay. Throws NOT_FOUND, and what the condition throws. */
  async remove(name: string, condition?: Condition<GroupRow>): Promise<void> {
    await this.#change(name, async (before, tx) => {
      await condition?.(before);
      for (const end of this.#ends) await end(tx, before);
      await deleteGroup(tx, before.id);
      await this.#record(tx, 'group.delete', before, { before });
    });
  }

  /** False when the user was a member already. Throws NOT_FOUND for an unknown group or user. */
  addMember(group: string, username: string): Promise<boolean> {
    return this.#change(group, async (found, tx) => {
      const member = await membership(found, username, tx);
      if (!(await insertMember(tx, member, new Date(clock.wall())))) return false;
      await this.#recordMember(tx, 'group.member-add', member, { name: group, after: { username } });
      return true;
    });
  }

  /** Throws NOT_FOUND for an unknown group or user, and for one that is no member. */
  removeMember(group: string, username: string): Promise<void> {
    return this.#change(group, async (found, tx) => {
      const member = await membership(found, username, tx);
      if (!(await deleteMember(tx, member, new Date(clock.wall()))))
        throw new Failure('NOT_FOUND', { message: 'the user is not in this group' });
      await this.#recordMember(tx, 'group.member-remove', member, { name: group, before: { username } });
    });
  }

  /** By username in byte order. Throws NOT_FOUND. */
  async membersOf(name: string, { limit, cursor = '' }: { limit: number; cursor?: string }): Promise<Page<User>> {
    const rows = await this.#store.membersOf(name, { limit: limit + 1, cursor });
    if (rows === undefined) throw noSuchGroup();
    return pageOf(rows.map(toUser), limit, ({ username }) => username);
  }

  /** The groups a user is in, by name. */
  groupsOf(userId: number): Promise<Group[]> {
    return this.#store.groupsOf(userId);
  }

  /** Called inside the transaction of every removal, while the group is still there. */
  onRemove(end: AccountEnd): void {
    this.#ends.push(end);
  }

  #change<T>(name: string, work: (group: GroupEntity, tx: EntityManager) => Promise<T>): Promise<T> {
    return this.database.write(async (tx) => {
      const group = await groupToChange(tx, name);
      if (group === null) throw noSuchGroup();
      return work(group, tx);
    });
  }

  #record(
    tx: EntityManager,
    kind: 'group.create' | 'group.update' | 'group.delete',
    { id, name }: GroupEntity,
    states: { readonly before?: object; readonly after?: object },
  ): Promise<void> {
    return this.changes.record(tx, { kind, id, payload: { group: name }, audit: { name, ...states } });
  }

  #recordMember(
    tx: EntityManager,
    kind: Extract<ChangeKind, `group.member-${string}`>,
    { groupId, userId }: { readonly groupId: number; readonly userId: number },
    audit: ForPeople,
  ): Promise<void> {
    return this.changes.record(tx, { kind, id: groupId, payload: { group: audit.name, userId }, audit });
  }
}

async function membership(group: GroupEntity, username: string, tx: EntityManager) {
  const userId = await idOfUser(tx, username);
  if (userId === undefined) throw new Failure('NOT_FOUND', { message: 'there is no such user' });
  return { groupId: group.id, userId };
}

const noSuchGroup = () => new Failure('NOT_FOUND', { message: 'there is no such group' });
