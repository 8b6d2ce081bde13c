import { Controller, Delete, Get, HttpCode, Param, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { signedIn } from '../../auth/signed-in.js';
import { Failure } from '../../errors/failure.js';
import { rowId, type Session, Sessions } from '../../users/sessions.js';
import { type RefreshToken, RefreshTokens } from '../../users/tokens/refresh-tokens.js';
import type { List } from '../lists/present-list.js';

export interface PresentedSession {
  readonly id: string;
  /** Somebody at a browser or the REST API, or a client such as docker that keeps a refresh token. */
  readonly kind: 'session' | 'refresh-token';
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string;
  /** The `client_id` a refresh token is bound to; null for a session. */
  readonly clientId: string | null;
  /** Whether it is the session that asks. */
  readonly current: boolean;
}

/** The sign-ins of the one who asks, the one seen last first. There are few, so they come as one list. */
@Controller('api/v1/auth/sessions')
@SignedIn()
export class SessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  @Get()
  async list(@Req() request: Request): Promise<List<PresentedSession>> {
    const { user, sid } = signedIn(request);
    const current = sid === undefined ? undefined : rowId(sid);
    const sessions = (await this.sessions.list(user.id)).map((session) => presentSession(session, current));
    const clients = (await this.refreshTokens.list(user.id)).map(presentRefreshToken);
    return { items: [...sessions, ...clients].sort((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime()) };
  }

  /** Ends every sign-in but the one that asks. */
  @Delete()
  @HttpCode(204)
  async endOthers(@Req() request: Request): Promise<void> {
    const { user, sid } = signedIn(request);
    await this.sessions.revokeAllOf(user.id, sid);
    await this.refreshTokens.revokeAllOf(user.id);
  }

  @Delete(':id')
  @HttpCode(204)
  async end(@Req() request: Request, @Param('id') id: string): Promise<void> {
    const { user } = signedIn(request);
    if (await this.sessions.revokeListed(user.id, id)) return;
    if (!(await this.refreshTokens.revoke(user.id, id))) throw new Failure('NOT_FOUND');
  }
}

function presentSession(session: Session, current: string | undefined): PresentedSession {
  const { id, createdAt, lastSeenAt, expiresAt, address, userAgent } = session;
  const times = { createdAt, lastSeenAt, expiresAt };
  return { id, kind: 'session', ...times, address, userAgent, clientId: null, current: id === current };
}

function presentRefreshToken(token: RefreshToken): PresentedSession {
  const { id, createdAt, lastUsedAt: lastSeenAt, expiresAt, address, userAgent, clientId } = token;
  const times = { createdAt, lastSeenAt, expiresAt };
  return { id, kind: 'refresh-token', ...times, address, userAgent, clientId, current: false };
}
