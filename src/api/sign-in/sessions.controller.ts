import { Controller, Delete, Get, HttpCode, Param, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { signedIn } from '../../auth/signed-in.js';
import { Failure } from '../../errors/failure.js';
import { rowId, type Session, Sessions } from '../../users/sessions.js';
import type { List } from '../lists/present-list.js';

interface PresentedSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string;
  /** Whether it is the session that asks. */
  readonly current: boolean;
}

/** The sign-ins of the one who asks. There are few, so they come as one list. */
@Controller('api/v1/auth/sessions')
@SignedIn()
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  async list(@Req() request: Request): Promise<List<PresentedSession>> {
    const { user, sid } = signedIn(request);
    const sessions = await this.sessions.list(user.id);
    return { items: sessions.map((session) => presentSession(session, rowId(sid))) };
  }

  @Delete(':id')
  @HttpCode(204)
  async end(@Req() request: Request, @Param('id') id: string): Promise<void> {
    if (!(await this.sessions.revokeListed(signedIn(request).user.id, id))) throw new Failure('NOT_FOUND');
  }
}

function presentSession(session: Session, currentId: string): PresentedSession {
  const { id, createdAt, lastSeenAt, expiresAt, address, userAgent } = session;
  return { id, createdAt, lastSeenAt, expiresAt, address, userAgent, current: id === currentId };
}
