import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher } from './password-hasher.js';
import { Sessions } from './sessions.js';
import { Users } from './users.js';

/** Accounts, their passwords and their sign-ins. The classes know nothing of Nest. */
@Module({
  providers: [
    { provide: PasswordHasher, useFactory: () => new PasswordHasher() },
    {
      provide: Users,
      inject: [Database, PasswordHasher],
      useFactory: (database: Database, hasher: PasswordHasher) => new Users(database, hasher),
    },
    {
      provide: PasswordCheck,
      inject: [Users, PasswordHasher],
      useFactory: (users: Users, hasher: PasswordHasher) => new PasswordCheck(users, hasher),
    },
    {
      provide: Sessions,
      inject: [Database, Users, CONFIG],
      useFactory: (database: Database, users: Users, config: Config) => new Sessions(database, users, config.session),
    },
  ],
  exports: [Users, PasswordCheck, Sessions],
})
export class UsersModule {}
