import { Controller, Delete, HttpCode, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { signedIn } from '../../http/session/signed-in.js';
import { OwnSignIns } from '../../users/own-sign-ins.js';
import { rowId } from '../../users/sessions.js';
import { isSignInPlace, type SignIn, SignIns } from '../../users/sign-ins.store.js';
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
    private readonly own: OwnSignIns,
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
    await this.own.endOthers(user.id, sid);
  }

  @Delete(':id')
  @HttpCode(204)
  async end(@Req() request: Request, @Param('id') id: string): Promise<void> {
    const { user } = signedIn(request);
    await this.own.end(user.id, id);
  }
}
