import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Public } from '../../access/route-policy.js';
import { BeforePasswordChange } from '../../http/session/before-password-change.js';
import { Form } from '../navigation/form.js';
import { Pages, rememberPreference } from '../navigation/pages.js';
import { safePath } from '../navigation/safe-path.js';
import { themeOf } from '../navigation/shell.js';

/** What a browser prefers, and where it begins. */
@Controller()
@Public()
export class PreferencesController {
  constructor(private readonly pages: Pages) {}

  @Get()
  home(@Res() response: Response): void {
    this.pages.redirect(response, '/repositories');
  }

  /** The theme without script; the language is a link with `?lang=`. */
  @Post('preferences')
  @BeforePasswordChange()
  save(@Res() response: Response, @Body() body: unknown): void {
    const form = new Form(body);
    rememberPreference(response, 'theme', themeOf(form.text('theme')));
    this.pages.redirect(response, safePath(form.text('back')) ?? '/');
  }
}
