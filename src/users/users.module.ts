import { Module } from '@nestjs/common';
import { Changes } from '../changes/changes.js';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logger.js';
import { made } from '../wiring/made.js';
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
    made(PasswordHasher),
    made(Users, Database, Changes, PasswordHasher),
    made(FirstAdmin, Users, PasswordHasher, DataDirectory, Log),
    made(PasswordCheck, Users, PasswordHasher),
    {
      provide: Sessions,
      inject: [Database, Changes, CONFIG],
      useFactory: (database: Database, changes: Changes, config: Config) =>
        new Sessions(database, changes, config.session),
    },
    made(SignIns, Database),
    made(OwnSignIns, Sessions, RefreshTokens),
    made(Groups, Database, Changes),
    made(Robots, Database, Changes),
    made(AccessTokens, Database, Changes),
    made(RefreshTokens, Database, Changes, Users),
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
