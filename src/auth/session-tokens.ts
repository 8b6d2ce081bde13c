import type { KeyObject } from 'node:crypto';
import type { JwtService } from '@nestjs/jwt';
import type { User } from '../users/user.js';

/** What a sign-in JWT says. The session row and the account are asked on every request; this only names them. */
export interface SessionClaims {
  /** The secret id of the session. */
  readonly sid: string;
  /** The user's generation of credentials: a new password or a disabled account ends every token of the old one. */
  readonly cv: number;
}

/** `iss` and `aud` of sign-in tokens. A registry token has another audience, algorithm and key, so neither passes for the other. */
export const sessionAudience = { issuer: 'berth', audience: 'berth-console' } as const;

/** How long a bearer token of the REST API is good for; POST /auth/refresh gives the next one. */
export const bearerSeconds = 15 * 60;

/** Signs sign-in tokens (HS256) with a key derived from the data directory's secret. */
export class SessionTokens {
  constructor(
    private readonly jwt: JwtService,
    /** A key that is ready: of plain bytes the library first finds out on each request what kind of key they are. */
    readonly key: KeyObject,
  ) {}

  /** @param seconds life of the token; the session it names may end sooner */
  sign(user: User, sid: string, seconds: number): string {
    const claims: SessionClaims = { sid, cv: user.credentialVersion };
    return this.jwt.sign(claims, { privateKey: this.key, algorithm: 'HS256', expiresIn: seconds, ...sessionAudience });
  }
}
