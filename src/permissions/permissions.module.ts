import { Module } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import { Database } from '../database/database.js';
import { Jobs } from '../jobs/jobs.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { Groups } from '../users/groups/groups.js';
import { Robots } from '../users/robots/robots.js';
import { AccessTokens } from '../users/tokens/access-tokens.js';
import { Users } from '../users/users.js';
import { UsersModule } from '../users/users.module.js';
import { Management } from './management.js';
import { Permissions } from './permissions.js';
import { letScopesFollow } from './scopes-follow.js';

/** Who may do what where. */
@Module({
  imports: [RepositoriesModule, UsersModule],
  providers: [
    {
      provide: Permissions,
      inject: [Database, Changes, Repositories, AccessTokens, Users, Groups, Robots],
      useFactory: (
        database: Database,
        changes: Changes,
        repositories: Repositories,
        tokens: AccessTokens,
        user: Users,
        group: Groups,
        robot: Robots,
      ) => {
        letScopesFollow(repositories, tokens);
        return new Permissions(database, changes, repositories, { user, group, robot });
      },
    },
    {
      provide: Management,
      inject: [Permissions, Repositories, Robots, AccessTokens, Users, Jobs],
      useFactory: (
        permissions: Permissions,
        repositories: Repositories,
        robots: Robots,
        tokens: AccessTokens,
        users: Users,
        jobs: Jobs,
      ) => {
        const { grants } = permissions;
        const management = new Management({ permissions, grants, repositories, robots, tokens, users });
        // Asked as the account is then, so no more of it is needed than its id.
        jobs.ask((id) =>
          management.requireStillAdministrator({ principal: { kind: 'user', id, name: '', role: 'user' } }),
        );
        return management;
      },
    },
  ],
  exports: [Permissions, Management],
})
export class PermissionsModule {}
