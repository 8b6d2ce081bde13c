import type { Action } from '../../src/access/action.js';
import { parsePattern } from '../../src/access/pattern.js';
import type { Principal, Role } from '../../src/access/principal.js';
import type { SubjectType } from '../../src/access/subject.js';
import type { Visibility } from '../../src/access/visibility.js';
import { Changes } from '../../src/changes/changes.js';
import type { Database } from '../../src/database/database.js';
import { parseRepositoryName } from '../../src/oci/repository-name.js';
import { GrantEntity } from '../../src/permissions/grant.entity.js';
import type { Grant } from '../../src/permissions/grant.js';
import { Management } from '../../src/permissions/management.js';
import { Permissions } from '../../src/permissions/permissions.js';
import { Repositories } from '../../src/repositories/repositories.js';
import { RepositoryEntity } from '../../src/repositories/repository.entity.js';
import type { Repository } from '../../src/repositories/repository.js';
import { userEntities } from '../../src/users/entities.js';
import { Groups } from '../../src/users/groups/groups.js';
import { Robots } from '../../src/users/robots/robots.js';
import { AccessTokens } from '../../src/users/tokens/access-tokens.js';
import { principalOf } from '../../src/users/user.js';
import { Users } from '../../src/users/users.js';
import { temporaryDatabase } from './temporary-database.js';

/** Accounts, repositories, grants and permissions over a real temporary database, with an administrator and one user, ada. */
export async function temporaryPermissions() {
  const temporary = await temporaryDatabase({ entities: [...userEntities, RepositoryEntity, GrantEntity] });
  const { database } = temporary;
  const changes = new Changes(database);
  // Nobody signs in here.
  const users = new Users(database, changes, { hash: async () => 'no hash' });
  const groups = new Groups(database, changes);
  const robots = new Robots(database, changes);
  const repositories = new Repositories(database, changes);
  const permissionsOver = (source: Database) =>
    new Permissions(source, changes, repositories, { user: users, group: groups, robot: robots });
  const permissions = permissionsOver(database);
  const tokens = new AccessTokens(database, changes);
  const { grants } = permissions;
  const management = new Management({ permissions, grants, repositories, robots, tokens, users });
  const user = async (username: string, role: Role = 'user'): Promise<Principal> =>
    principalOf((await users.create({ username, password: 'four green bottles', role })).user);

  return {
    database,
    users,
    groups,
    robots,
    repositories,
    grants,
    tokens,
    permissions,
    permissionsOver,
    management,
    user,
    admin: await user('root', 'admin'),
    ada: await user('ada'),
    repository: (name: string, visibility: Visibility = 'private'): Promise<Repository> =>
      repositories.create({ name: parseRepositoryName(name), visibility, description: '', ownerId: null }),
    group: async (name: string, ...members: string[]): Promise<void> => {
      await groups.create({ name });
      for (const member of members) await groups.addMember(name, member);
    },
    robot: async (namespace: string, name: string): Promise<Principal> => {
      const { robot } = await robots.create({ namespace, name });
      return { kind: 'robot', id: robot.id, name: robot.name };
    },
    /** Gives anybody these actions. */
    give: async (type: SubjectType, name: string, pattern: string, ...actions: Action[]): Promise<Grant> =>
      (await grants.put({ subject: { type, name }, pattern: parsePattern(pattern), actions }, null)).grant,
    /** Gives ada these actions. */
    grant: async (pattern: string, ...actions: Action[]): Promise<Grant> =>
      (await grants.put({ subject: { type: 'user', name: 'ada' }, pattern: parsePattern(pattern), actions }, null))
        .grant,
    remove: () => temporary.remove(),
  };
}

export type TemporaryPermissions = Awaited<ReturnType<typeof temporaryPermissions>>;
