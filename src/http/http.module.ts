import { Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { Credentials } from '../auth/credentials.js';
import { LiveHolder } from '../auth/live-holder.js';
import { SessionTokens } from '../auth/session-tokens.js';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Permissions } from '../permissions/permissions.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { Sessions } from '../users/sessions.js';
import { Users } from '../users/users.js';
import { UsersModule } from '../users/users.module.js';
import { made } from '../wiring/made.js';
import { HeldBodies } from './held-bodies.js';
import { RecordChanges } from './record-changes.js';
import { AccessGuard } from './session/access.guard.js';
import { Csrf } from './session/csrf.js';
import { RouteAccess } from './session/route-access.js';
import { SecretSignIn } from './session/secret-sign-in.js';
import { SessionStrategy } from './session/session.strategy.js';
import { SignIn } from './session/sign-in.js';

/** What every edge needs of HTTP, and what asks every route of REST and the pages for its policy. */
@Module({
  imports: [AuthModule, PermissionsModule, StorageModule, UsersModule],
  providers: [
    HeldBodies,
    {
      provide: Csrf,
      inject: [DataDirectory, CONFIG],
      useFactory: (directory: DataDirectory, config: Config) =>
        new Csrf(directory.deriveKey('csrf'), config, config.cors.origins),
    },
    made(SignIn, Credentials, Users, Sessions, SessionTokens, CONFIG),
    made(RouteAccess, Permissions, LiveHolder, Sessions),
    SessionStrategy,
    SecretSignIn,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: RecordChanges },
  ],
  exports: [HeldBodies, RouteAccess, SignIn, Csrf],
})
export class HttpModule {}
