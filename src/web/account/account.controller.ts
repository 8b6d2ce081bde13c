import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { signedInSession } from '../../http/session/signed-in.js';
import { OwnSignIns } from '../../users/own-sign-ins.js';
import { rowId } from '../../users/sessions.js';
import { SignIns } from '../../users/sign-ins.store.js';
import { queryText } from '../navigation/form.js';
import { pageSize, presentPager } from '../navigation/pager.js';
import { Pages } from '../navigation/pages.js';
import { withQuery } from '../navigation/safe-path.js';

const path = '/account';

@Controller('account')
@SignedIn()
export class AccountController {
  constructor(
    private readonly pages: Pages,
    private readonly signIns: SignIns,
    private readonly own: OwnSignIns,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user, sid } = signedInSession(request);
    const limit = pageSize(request.query.limit);
    const cursor = queryText(request.query.cursor) || undefined;
    const page = await this.signIns.list(user.id, { limit, cursor });
    const { t } = await this.pages.locale(request);
    const current = rowId(sid);
    const sessions = page.items.map(({ id, userAgent, clientId, address, lastSeenAt }) => ({
      agent: userAgent || clientId || t('account.unknownAgent'),
      address,
      lastSeenAt,
      current: id === current,
    }));
    const { nextCursor } = page;
    const summary = t('account.shown', { count: sessions.length });
    const pager = presentPager(summary, { limit, cursor, nextCursor }, (place) => withQuery(path, { ...place }));
    await this.pages.show(request, response, 'account/show', { sessions, pager, alert: undefined, next: path });
  }

  @Post('sessions/end')
  @AlsoOnFullDisk()
  async endOthers(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user, sid } = signedInSession(request);
    await this.own.endOthers(user.id, sid);
    this.pages.redirect(response, path, { tone: 'ok', key: 'sessionsEnded' });
  }
}
