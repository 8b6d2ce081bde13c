import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { BeforePasswordChange } from '../../auth/session/before-password-change.js';
import { SignIn } from '../../auth/session/sign-in.js';
import { signedIn } from '../../auth/signed-in.js';
import { catalog } from '../../errors/catalog.js';
import { type Failure, isFailure } from '../../errors/failure.js';
import { Form } from '../navigation/form.js';
import { Pages } from '../navigation/pages.js';
import { safePath } from '../navigation/safe-path.js';
import type { Locale } from '../rendering/locale.js';

const expected = ['UNAUTHORIZED', 'PASSWORD_REJECTED', 'TOO_MANY_REQUESTS'] as const;

@Controller('password')
@SignedIn()
export class PasswordController {
  constructor(
    private readonly pages: Pages,
    private readonly signIn: SignIn,
  ) {}

  @Get()
  @BeforePasswordChange()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.render(request, response);
  }

  @Post()
  @BeforePasswordChange()
  async submit(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const form = new Form(body);
    try {
      await this.signIn.changePassword(request, response, {
        currentPassword: form.secret('current'),
        newPassword: form.secret('new'),
      });
    } catch (error) {
      const failure = expected.find((code) => isFailure(error, code)) && (error as Failure);
      if (!failure) throw error;
      response.set(failure.headers);
      const alert = complaint(failure, await this.pages.locale(request));
      return await this.render(request, response, {
        status: failure.code === 'UNAUTHORIZED' ? 400 : catalog[failure.code].status,
        alert,
      });
    }
    this.pages.redirect(response, safePath(form.text('next')) ?? '/repositories', {
      tone: 'ok',
      key: 'passwordChanged',
    });
  }

  private async render(
    request: Request,
    response: Response,
    { status = 200, alert }: { readonly status?: number; readonly alert?: string } = {},
  ): Promise<void> {
    const forced = signedIn(request).user.mustChangePassword;
    const next = safePath(request.query.next) ?? '';
    await this.pages.show(request, response, 'password/change', { forced, alert, next }, status);
  }
}

function complaint({ code, detail, headers }: Failure, { t }: Locale): string {
  if (code === 'UNAUTHORIZED') return t('password.wrong');
  if (code === 'TOO_MANY_REQUESTS') return t('signIn.tooMany', { count: Number(headers['Retry-After'] ?? 1) });
  const problem = typeof detail === 'object' && detail !== null && 'problem' in detail ? detail.problem : undefined;
  return typeof problem === 'string' ? t(`password.problems.${problem}`) : t('password.same');
}
