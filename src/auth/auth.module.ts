import { createSecretKey } from 'node:crypto';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Log } from '../logging/logger.js';
import { Permissions } from '../permissions/permissions.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { PasswordCheck } from '../users/password-check.js';
import { Robots } from '../users/robots/robots.js';
import { Sessions } from '../users/sessions.js';
import { RefreshTokens } from '../users/tokens/refresh-tokens.js';
import { SecretCredentials } from '../users/tokens/secret-credentials.js';
import { Users } from '../users/users.js';
import { UsersModule } from '../users/users.module.js';
import { Credentials } from './credentials.js';
import { EndedAccounts } from './ended-accounts.js';
import { JwksController } from './keys/jwks.controller.js';
import { SigningKeys } from './keys/signing-keys.js';
import { LiveHolder } from './live-holder.js';
import { HeldAccess } from './realm/held-access.js';
import { OfflineAccess } from './realm/offline-access.js';
import { TokenIssuer } from './realm/token-issuer.js';
import { TokenRealm } from './realm/token-realm.js';
import { leewaySeconds, TokenVerifier } from './realm/token-verifier.js';
import { RegistryAuth } from './registry-auth.js';
import { AccessGuard } from './session/access.guard.js';
import { Csrf } from './session/csrf.js';
import { RouteAccess } from './session/route-access.js';
import { SecretSignIn } from './session/secret-sign-in.js';
import { SessionStrategy } from './session/session.strategy.js';
import { SessionTokens } from './session/session-tokens.js';
import { SignIn } from './session/sign-in.js';
import { SignInLimiter } from './sign-in-limiter.js';
import { SignInRecord } from './sign-in-record.js';

/** Who is asking: passwords, sign-in sessions, registry tokens and the realm that issues them. */
@Module({
  imports: [UsersModule, PermissionsModule, JwtModule.register({})],
  controllers: [JwksController],
  providers: [
    {
      provide: SigningKeys,
      inject: [DataDirectory, CONFIG],
      useFactory: (directory: DataDirectory, { token, registry }: Config) => {
        const overlapMs = (token.seconds + leewaySeconds) * 1000 + registry.uploadTtlMs;
        return SigningKeys.open(directory.file('keys'), { overlapMs });
      },
    },
    {
      provide: TokenIssuer,
      inject: [SigningKeys, HeldAccess, CONFIG],
      useFactory: (keys: SigningKeys, held: HeldAccess, { token }: Config) => new TokenIssuer(keys, held, token),
    },
    {
      provide: HeldAccess,
      inject: [CONFIG],
      useFactory: ({ registry }: Config) => new HeldAccess(leewaySeconds * 1000 + registry.uploadTtlMs),
    },
    {
      provide: TokenVerifier,
      inject: [SigningKeys, HeldAccess, CONFIG],
      useFactory: (keys: SigningKeys, held: HeldAccess, { token, registry }: Config) =>
        new TokenVerifier(keys, held, { service: token.service, graceSeconds: registry.uploadTtlMs / 1000 }),
    },
    {
      provide: SignInLimiter,
      inject: [CONFIG],
      useFactory: ({ signIn }: Config) => new SignInLimiter(signIn),
    },
    {
      provide: SignInRecord,
      inject: [Audit, Users, Robots],
      useFactory: (audit: Audit, users: Users, robots: Robots) => new SignInRecord(audit, users, robots),
    },
    {
      provide: Credentials,
      inject: [PasswordCheck, SecretCredentials, SignInLimiter, SignInRecord],
      useFactory: (
        passwords: PasswordCheck,
        secrets: SecretCredentials,
        limiter: SignInLimiter,
        events: SignInRecord,
      ) => new Credentials(passwords, secrets, limiter, events),
    },
    {
      provide: OfflineAccess,
      inject: [RefreshTokens, SignInRecord],
      useFactory: (tokens: RefreshTokens, events: SignInRecord) => new OfflineAccess(tokens, events),
    },
    {
      provide: TokenRealm,
      inject: [Credentials, OfflineAccess, Permissions, TokenIssuer, CONFIG],
      useFactory: (
        credentials: Credentials,
        offlineAccess: OfflineAccess,
        permissions: Permissions,
        issuer: TokenIssuer,
        { token }: Config,
      ) => new TokenRealm(credentials, offlineAccess, permissions, issuer, token.service),
    },
    {
      provide: LiveHolder,
      inject: [Users, SecretCredentials, RefreshTokens],
      useFactory: (users: Users, secrets: SecretCredentials, refreshTokens: RefreshTokens) =>
        new LiveHolder(users, secrets, refreshTokens),
    },
    {
      provide: RegistryAuth,
      inject: [LiveHolder, TokenVerifier, Credentials],
      useFactory: (holder: LiveHolder, verifier: TokenVerifier, credentials: Credentials) =>
        new RegistryAuth(holder, verifier, credentials),
    },
    {
      provide: SessionTokens,
      inject: [JwtService, DataDirectory],
      useFactory: (jwt: JwtService, directory: DataDirectory) =>
        new SessionTokens(jwt, createSecretKey(directory.deriveKey('session-jwt'))),
    },
    {
      provide: Csrf,
      inject: [DataDirectory, CONFIG],
      useFactory: (directory: DataDirectory, config: Config) =>
        new Csrf(directory.deriveKey('csrf'), config, config.cors.origins),
    },
    {
      provide: SignIn,
      inject: [Credentials, Users, Sessions, SessionTokens, CONFIG],
      useFactory: (credentials: Credentials, users: Users, sessions: Sessions, tokens: SessionTokens, config: Config) =>
        new SignIn(credentials, users, sessions, tokens, config),
    },
    {
      provide: RouteAccess,
      inject: [Permissions, LiveHolder, Sessions],
      useFactory: (permissions: Permissions, holder: LiveHolder, sessions: Sessions) =>
        new RouteAccess(permissions, holder, sessions),
    },
    {
      provide: EndedAccounts,
      inject: [Users, Robots, Log],
      useFactory: (users: Users, robots: Robots, log: Log) =>
        new EndedAccounts(users, robots, (error) => log.warn({ error }, 'account not looked at after its change')),
    },
    SessionStrategy,
    SecretSignIn,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [EndedAccounts, RegistryAuth, RouteAccess, TokenRealm, SignIn, Csrf, SigningKeys, SignInLimiter],
})
export class AuthModule {}
