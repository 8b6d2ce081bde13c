import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { FirstAdmin } from './first-admin.js';
import { Groups } from './groups/groups.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher } from './password-hasher.js';
import { Robots } from './robots/robots.js';
import { Sessions } from './sessions.js';
import { SignIns } from './sign-ins.store.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { RefreshTokens } from './tokens/refresh-tokens.js';
import { SecretCredentials } from './tokens/secret-credentials.js';
import { Users } from './users.js';

/** Accounts of people and programs, their groups, and all that proves who they are. The classes know nothing of Nest. */
@Module({
  providers: [
    { provide: PasswordHasher, useFactory: () => new PasswordHasher() },
    {
      provide: Users,
      inject: [Database, PasswordHasher],
      useFactory: (database: Database, hasher: PasswordHasher) => new Users(database, hasher),
    },
    {
      provide: FirstAdmin,
      inject: [Users, PasswordHasher, DataDirectory, Log],
      useFactory: (users: Users, hasher: PasswordHasher, dataDirectory: DataDirectory, log: Log) =>
        new FirstAdmin(users, hasher, dataDirectory, log),
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
    { provide: SignIns, inject: [Database], useFactory: (database: Database) => new SignIns(database) },
    { provide: Groups, inject: [Database], useFactory: (database: Database) => new Groups(database) },
    { provide: Robots, inject: [Database], useFactory: (database: Database) => new Robots(database) },
    {
      provide: AccessTokens,
      inject: [Database, Users],
      useFactory: (database: Database, users: Users) => new AccessTokens(database, users),
    },
    {
      provide: RefreshTokens,
      inject: [Database, Users],
      useFactory: (database: Database, users: Users) => new RefreshTokens(database, users),
    },
    {
      provide: SecretCredentials,
      inject: [Database, Robots, AccessTokens, Users],
      useFactory: (database: Database, robots: Robots, tokens: AccessTokens, users: Users) =>
        new SecretCredentials(database, { robots, tokens, users }),
    },
  ],
  exports: [
    ...[Users, FirstAdmin, PasswordCheck, Sessions, SignIns, Groups, Robots],
    ...[AccessTokens, RefreshTokens, SecretCredentials],
  ],
})
export class UsersModule {}
