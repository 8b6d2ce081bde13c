import { Controller, Delete, HttpCode, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { signedIn } from '../../http/session/signed-in.js';
import { rowId, Sessions } from '../../users/sessions.js';
import { isSignInPlace, type SignIn, SignIns } from '../../users/sign-ins.store.js';
import { RefreshTokens } from '../../users/tokens/refresh-tokens.js';
import { GetPage } from '../lists/get-page.js';
import { PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';

export interface PresentedSession extends SignIn {
  /** Whether it is the session that asks. */
  readonly current: boolean;
}

/** The sign-ins of the one who asks, those of clients such as docker included, the one seen last first. */
@Controller('api/v1/auth/sessions')
@SignedIn()
export class SessionsController {
  constructor(
    private readonly signIns: SignIns,
    private readonly sessions: Sessions,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  @GetPage()
  async list(@Req() request: Request, @Query() query: PageQuery): Promise<List<PresentedSession>> {
    const { user, sid } = signedIn(request);
    const current = sid === undefined ? undefined : rowId(sid);
    const page = await this.signIns.list(user.id, placeOf(query, isSignInPlace));
    return presentList(page, (signIn) => ({ ...signIn, current: signIn.id === current }));
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
