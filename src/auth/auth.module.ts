import { createSecretKey } from 'node:crypto';
import { Module } from '@nestjs/common';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { DataDirectory } from '../data-directory/data-directory.js';
import { Permissions } from '../permissions/permissions.js';
import { PermissionsModule } from '../permissions/permissions.module.js';
import { PasswordCheck } from '../users/password-check.js';
import { Robots } from '../users/robots/robots.js';
import { RefreshTokens } from '../users/tokens/refresh-tokens.js';
import { SecretCredentials } from '../users/tokens/secret-credentials.js';
import { Users } from '../users/users.js';
import { UsersModule } from '../users/users.module.js';
import { made } from '../wiring/made.js';
import { Credentials } from './credentials.js';
import { EndedAccounts } from './ended-accounts.js';
import { SigningKeys } from './keys/signing-keys.js';
import { LiveHolder } from './live-holder.js';
import { RegistryAuth } from './registry-auth.js';
import { SessionTokens } from './session-tokens.js';
import { SignInLimiter } from './sign-in-limiter.js';
import { SignInRecord } from './sign-in-record.js';
import { HeldAccess } from './tokens/held-access.js';
import { OfflineAccess } from './tokens/offline-access.js';
import { TokenIssuer } from './tokens/token-issuer.js';
import { TokenRealm } from './tokens/token-realm.js';
import { leewaySeconds, TokenVerifier } from './tokens/token-verifier.js';

/** Who is asking: passwords, sign-in sessions, registry tokens and the realm that issues them. */
@Module({
  imports: [UsersModule, PermissionsModule, JwtModule.register({})],
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
    made(SignInRecord, Audit, Users, Robots),
    made(Credentials, PasswordCheck, SecretCredentials, SignInLimiter, SignInRecord),
    made(OfflineAccess, RefreshTokens, SignInRecord),
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
    made(LiveHolder, Users, SecretCredentials, RefreshTokens),
    made(RegistryAuth, LiveHolder, TokenVerifier, Credentials),
    {
      provide: SessionTokens,
      inject: [JwtService, DataDirectory],
      useFactory: (jwt: JwtService, directory: DataDirectory) =>
        new SessionTokens(jwt, createSecretKey(directory.deriveKey('session-jwt'))),
    },
    made(EndedAccounts, Users, Robots),
  ],
  exports: [
    Credentials,
    EndedAccounts,
    LiveHolder,
    RegistryAuth,
    SessionTokens,
    SigningKeys,
    SignInLimiter,
    TokenRealm,
  ],
})
export class AuthModule {}
