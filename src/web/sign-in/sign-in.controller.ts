import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public, SignedIn } from '../../access/route-policy.js';
import { CONFIG, type Config } from '../../config/config.js';
import { isFailure } from '../../errors/failure.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { BeforePasswordChange } from '../../http/session/before-password-change.js';
import { SignIn } from '../../http/session/sign-in.js';
import { Form } from '../navigation/form.js';
import { Pages } from '../navigation/pages.js';
import { type Refusal, refusalOf } from '../navigation/refusal.js';
import { safePath, withQuery } from '../navigation/safe-path.js';

const home = '/repositories';
const dayMs = 86_400_000;

@Controller()
export class SignInController {
  constructor(
    private readonly pages: Pages,
    private readonly signIn: SignIn,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('sign-in')
  @Public()
  @BeforePasswordChange()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (request.user) this.pages.redirect(response, safePath(request.query.next) ?? home);
    else await this.#render(request, response, { next: safePath(request.query.next) ?? '', username: '' });
  }

  /** Whatever is wrong with the account or the password, the answer is the same. */
  @Post('sign-in')
  @Public()
  async submit(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const form = new Form(body);
    const username = form.text('username');
    const next = safePath(form.text('next'));
    try {
      const { user } = await this.signIn.signIn(request, response, {
        username,
        password: form.secret('password'),
        remember: form.has('remember'),
      });
      this.pages.redirect(response, user.mustChangePassword ? withQuery('/password', { next }) : (next ?? home));
    } catch (error) {
      const refusal = refusalOf(error, await this.pages.locale(request), { UNAUTHORIZED: 'signIn.wrong' });
      if (isFailure(error)) response.set(error.headers);
      await this.#render(request, response, { next: next ?? '', username }, refusal);
    }
  }

  @Post('sign-out')
  @AlsoOnFullDisk()
  @SignedIn()
  @BeforePasswordChange()
  async end(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.signIn.signOut(request, response);
    this.pages.redirect(response, '/sign-in', { tone: 'ok', key: 'signedOut' });
  }

  async #render(
    request: Request,
    response: Response,
    fields: { readonly next: string; readonly username: string },
    refusal?: Refusal,
  ): Promise<void> {
    const rememberDays = Math.round(this.config.session.lifeMs / dayMs);
    await this.pages.show(
      request,
      response,
      'sign-in/show',
      { ...fields, rememberDays, alert: refusal?.alert },
      refusal?.status,
    );
  }
}
