import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public, SignedIn } from '../../access/route-policy.js';
import { BeforePasswordChange } from '../../auth/session/before-password-change.js';
import { SignIn } from '../../auth/session/sign-in.js';
import { CONFIG, type Config } from '../../config/config.js';
import { catalog } from '../../errors/catalog.js';
import { isFailure } from '../../errors/failure.js';
import { Form } from '../navigation/form.js';
import { Pages } from '../navigation/pages.js';
import { safePath, withQuery } from '../navigation/safe-path.js';
import type { Locale } from '../rendering/locale.js';

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
    else await this.render(request, response, { next: safePath(request.query.next) ?? '', username: '' });
  }

  /** Whatever is wrong with the account or the password, the answer is the same. */
  @Post('sign-in')
  @Public()
  @HttpCode(303)
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
      if (!isFailure(error, 'UNAUTHORIZED') && !isFailure(error, 'TOO_MANY_REQUESTS')) throw error;
      response.set(error.headers);
      const alert = refusal(error.headers['Retry-After'], await this.pages.locale(request));
      const { status } = catalog[error.code];
      await this.render(request, response, { next: next ?? '', username }, { status, alert });
    }
  }

  @Post('sign-out')
  @SignedIn()
  @BeforePasswordChange()
  async end(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.signIn.signOut(request, response);
    this.pages.redirect(response, '/sign-in', { tone: 'ok', key: 'signedOut' });
  }

  private async render(
    request: Request,
    response: Response,
    fields: { readonly next: string; readonly username: string },
    { status = 200, alert }: { readonly status?: number; readonly alert?: string } = {},
  ): Promise<void> {
    const rememberDays = Math.round(this.config.session.lifeMs / dayMs);
    await this.pages.show(request, response, 'sign-in/show', { ...fields, rememberDays, alert }, status);
  }
}

function refusal(retryAfter: string | undefined, { t }: Locale): string {
  return retryAfter === undefined ? t('signIn.wrong') : t('signIn.tooMany', { count: Number(retryAfter) });
}
