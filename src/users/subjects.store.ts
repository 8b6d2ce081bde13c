import type { Subject, SubjectType } from '../access/subject.js';
import type { Database, PreparedRead } from '../database/database.js';
import { Failure } from '../errors/failure.js';

/** A subject as the rows of grants name it, and whether its account may be used. */
export interface KnownSubject extends Subject {
  readonly id: number;
  /** A group always is. */
  readonly enabled: boolean;
  /** May do everything, granted or not. */
  readonly admin: boolean;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly enabled: number | boolean;
  readonly admin: number | boolean;
}

const tables: Record<SubjectType, string> = {
  user: `SELECT id, username AS name, enabled, role = 'admin' AS admin FROM users WHERE username`,
  group: 'SELECT id, name, 1 AS enabled, 0 AS admin FROM "groups" WHERE name',
  robot: 'SELECT id, name, enabled, 0 AS admin FROM robots WHERE name',
};

/** Looks up whom grants name, as the rows are now. */
export class Subjects {
  readonly #byName: Record<SubjectType, PreparedRead<Row>>;
  readonly #byId: Record<SubjectType, PreparedRead<Row>>;
  readonly #groups: PreparedRead<{ id: number }>;
  readonly #members: PreparedRead<{ id: number }>;

  constructor(database: Database) {
    const by = (column: 'name' | 'id', type: SubjectType) => {
      const sql = tables[type].replace(/\S+$/, (nameColumn) => (column === 'id' ? 'id' : nameColumn));
      return database.prepare<Row>(`${sql} = ?`);
    };
    this.#byName = { user: by('name', 'user'), group: by('name', 'group'), robot: by('name', 'robot') };
    this.#byId = { user: by('id', 'user'), group: by('id', 'group'), robot: by('id', 'robot') };
    this.#groups = database.prepare('SELECT group_id AS id FROM group_members WHERE user_id = ? ORDER BY group_id');
    this.#members = database.prepare(
      'SELECT user_id AS id FROM group_members WHERE group_id = ? AND user_id > ? ORDER BY user_id LIMIT ?',
    );
  }

  async find({ type, name }: Subject): Promise<KnownSubject | undefined> {
    return known(type, await this.#byName[type].find(name));
  }

  async findById(type: SubjectType, id: number): Promise<KnownSubject | undefined> {
    return known(type, await this.#byId[type].find(id));
  }

  /** Ids of the groups of a user, in order. */
  async groupsOf(userId: number): Promise<number[]> {
    return (await this.#groups.list(userId)).map(({ id }) => id);
  }

  /** Ids of the users of a group, behind `after` and in order. */
  async membersOf(groupId: number, after: number, limit: number): Promise<number[]> {
    return (await this.#members.list(groupId, after, limit)).map(({ id }) => id);
  }
}

function known(type: SubjectType, row: Row | undefined): KnownSubject | undefined {
  return row && { type, id: row.id, name: row.name, enabled: Boolean(row.enabled), admin: Boolean(row.admin) };
}

export function unknownSubject({ type }: Subject): Failure {
  return new Failure('NOT_FOUND', { message: `there is no such ${type}` });
}
