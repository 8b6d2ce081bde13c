import { Module } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { Users } from '../users/users.js';
import { UsersModule } from '../users/users.module.js';
import { Grants } from './grants.js';
import { Permissions } from './permissions.js';
import { VisibleRepositories } from './visible-repositories.js';

/** Who may do what where. */
@Module({
  imports: [RepositoriesModule, UsersModule],
  providers: [
    {
      provide: Permissions,
      inject: [Database, Users, Repositories],
      useFactory: (database: Database, users: Users, repositories: Repositories) =>
        new Permissions(new Grants(database, users), repositories, new VisibleRepositories(database), users),
    },
  ],
  exports: [Permissions],
})
export class PermissionsModule {}
