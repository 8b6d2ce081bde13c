import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { isFailure } from '../../errors/failure.js';
import { BeforePasswordChange } from '../../http/session/before-password-change.js';
import { SignIn } from '../../http/session/sign-in.js';
import { signedIn } from '../../http/session/signed-in.js';
import { Form } from '../navigation/form.js';
import { Pages } from '../navigation/pages.js';
import { type Refusal, refusalOf } from '../navigation/refusal.js';
import { safePath } from '../navigation/safe-path.js';
import type { Locale } from '../rendering/locale.js';

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
    await this.#render(request, response, safePath(request.query.next));
  }

  @Post()
  @BeforePasswordChange()
  async submit(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const form = new Form(body);
    const next = safePath(form.text('next'));
    try {
      await this.signIn.changePassword(request, response, {
        currentPassword: form.secret('current'),
        newPassword: form.secret('new'),
      });
    } catch (error) {
      const refusal = complaint(error, await this.pages.locale(request));
      if (isFailure(error)) response.set(error.headers);
      return await this.#render(request, response, next, refusal);
    }
    this.pages.redirect(response, next ?? '/repositories', {
      tone: 'ok',
      key: 'passwordChanged',
    });
  }

  async #render(request: Request, response: Response, next: string | undefined, refusal?: Refusal): Promise<void> {
    const forced = signedIn(request).user.mustChangePassword;
    await this.pages.show(
      request,
      response,
      'password/change',
      { forced, alert: refusal?.alert, next },
      refusal?.status,
    );
  }
}

/** A wrong current password is no reason to sign in again, so it is not answered with 401. */
function complaint(error: unknown, locale: Locale): Refusal {
  const { status, alert } = refusalOf(error, locale, {
    UNAUTHORIZED: 'password.wrong',
    PASSWORD_REJECTED: `password.problems.${problemOf(error)}`,
  });
  return { status: status === 401 ? 400 : status, alert };
}

function problemOf(error: unknown): string {
  const detail = isFailure(error) ? error.detail : undefined;
  const named = typeof detail === 'object' && detail !== null && 'problem' in detail;
  return named ? String(detail.problem) : 'same';
}
