import { Module } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Repositories } from '../repositories/repositories.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { Groups } from '../users/groups/groups.js';
import { Robots } from '../users/robots/robots.js';
import { Users } from '../users/users.js';
import { UsersModule } from '../users/users.module.js';
import { type Changing, Permissions } from './permissions.js';

/** Who may do what where. */
@Module({
  imports: [RepositoriesModule, UsersModule],
  providers: [
    {
      provide: Permissions,
      inject: [Database, Repositories, Users, Groups, Robots],
      useFactory: (database: Database, repositories: Repositories, ...accounts: Changing[]) =>
        new Permissions(database, repositories, accounts),
    },
  ],
  exports: [Permissions],
})
export class PermissionsModule {}
