import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { signedInSession } from '../../auth/signed-in.js';
import { rowId, Sessions } from '../../users/sessions.js';
import { RefreshTokens } from '../../users/tokens/refresh-tokens.js';
import { Pages } from '../navigation/pages.js';

@Controller('account')
@SignedIn()
export class AccountController {
  constructor(
    private readonly pages: Pages,
    private readonly sessions: Sessions,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user, sid } = signedInSession(request);
    const { t } = await this.pages.locale(request);
    const current = rowId(sid);
    const sessions = (await this.sessions.list(user.id)).map(({ id, userAgent, address, lastSeenAt }) => ({
      agent: userAgent || t('account.unknownAgent'),
      address,
      lastSeenAt,
      current: id === current,
    }));
    const clients = (await this.refreshTokens.list(user.id)).map(({ userAgent, clientId, address, lastUsedAt }) => ({
      agent: userAgent || clientId,
      address,
      lastSeenAt: lastUsedAt,
      current: false,
    }));
    const all = [...sessions, ...clients];
    await this.pages.show(request, response, 'account/show', { sessions: all, alert: undefined, next: '/account' });
  }

  @Post('sessions/end')
  async endOthers(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user, sid } = signedInSession(request);
    await this.sessions.revokeAllOf(user.id, sid);
    await this.refreshTokens.revokeAllOf(user.id);
    this.pages.redirect(response, '/account', { tone: 'ok', key: 'sessionsEnded' });
  }
}
