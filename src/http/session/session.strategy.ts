import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-jwt';
import { asUser, byPassword } from '../../auth/authenticated.js';
import { parseBearer } from '../../auth/credentials.js';
import { type SessionClaims, SessionTokens, sessionAudience } from '../../auth/session-tokens.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Log } from '../../logging/logger.js';
import { Sessions } from '../../users/sessions.js';
import { Users } from '../../users/users.js';
import { readSessionCookie } from './session-cookie.js';
import type { SignedIn } from './signed-in.js';

/** Name under which passport knows the strategy. */
export const sessionStrategy = 'session';

/** A sign-in JWT from `Authorization: Bearer`, which wins, or from the session cookie. */
@Injectable()
export class SessionStrategy extends PassportStrategy(Strategy, sessionStrategy) {
  constructor(
    tokens: SessionTokens,
    private readonly sessions: Sessions,
    private readonly users: Users,
    private readonly log: Log,
    @Inject(CONFIG) config: Config,
  ) {
    super({
      jwtFromRequest: (request: Request) => bearerOf(request) ?? readSessionCookie(request, config) ?? null,
      secretOrKey: tokens.key as unknown as Buffer, // its types know no ready key; it hands it on as it is
      algorithms: ['HS256'],
      ...sessionAudience,
      passReqToCallback: true,
    });
  }

  /** Who is signed in, or false: the session ended, the account is gone, disabled, or has another password by now. */
  async validate(request: Request, claims: SessionClaims): Promise<SignedIn | false> {
    const session = await this.sessions.find(claims.sid);
    if (session === undefined) return false;
    const user = await this.users.findById(session.userId);
    if (!user?.enabled || user.credentialVersion !== claims.cv) return false;
    // Reading goes on when nothing can be written, and does not wait for it.
    this.sessions.touch(session).catch((error: unknown) => this.log.warn({ error }, 'session use not noted'));
    return { ...asUser(user, byPassword), sid: claims.sid, via: bearerOf(request) === undefined ? 'cookie' : 'bearer' };
  }
}

/** Whether there is anything for the strategy to look at; the realm's Basic and anonymous requests need not wait for it. */
export function mayCarrySession(request: Request): boolean {
  return request.headers.cookie !== undefined || bearerOf(request) !== undefined;
}

function bearerOf({ headers }: Request): string | undefined {
  return headers.authorization === undefined ? undefined : parseBearer(headers.authorization);
}
