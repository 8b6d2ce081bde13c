import { Module } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { FirstAdmin } from './first-admin.js';
import { Groups } from './groups/groups.js';
import { OwnSignIns } from './own-sign-ins.js';
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
      inject: [Database, Changes, PasswordHasher],
      useFactory: (database: Database, changes: Changes, hasher: PasswordHasher) =>
        new Users(database, changes, hasher),
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
      inject: [Database, Changes, CONFIG],
      useFactory: (database: Database, changes: Changes, config: Config) =>
        new Sessions(database, changes, config.session),
    },
    { provide: SignIns, inject: [Database], useFactory: (database: Database) => new SignIns(database) },
    {
      provide: OwnSignIns,
      inject: [Sessions, RefreshTokens],
      useFactory: (sessions: Sessions, refreshTokens: RefreshTokens) => new OwnSignIns(sessions, refreshTokens),
    },
    {
      provide: Groups,
      inject: [Database, Changes],
      useFactory: (database: Database, changes: Changes) => new Groups(database, changes),
    },
    {
      provide: Robots,
      inject: [Database, Changes],
      useFactory: (database: Database, changes: Changes) => new Robots(database, changes),
    },
    {
      provide: AccessTokens,
      inject: [Database, Changes],
      useFactory: (database: Database, changes: Changes) => new AccessTokens(database, changes),
    },
    {
      provide: RefreshTokens,
      inject: [Database, Changes, Users],
      useFactory: (database: Database, changes: Changes, users: Users) => new RefreshTokens(database, changes, users),
    },
    {
      provide: SecretCredentials,
      inject: [Database, Changes, Robots, AccessTokens, Users],
      useFactory: (database: Database, changes: Changes, robots: Robots, tokens: AccessTokens, users: Users) =>
        new SecretCredentials(database, changes, { robots, tokens, users }),
    },
  ],
  exports: [
    ...[Users, FirstAdmin, PasswordCheck, Sessions, SignIns, OwnSignIns, Groups, Robots],
    ...[AccessTokens, RefreshTokens, SecretCredentials],
  ],
})
export class UsersModule {}
