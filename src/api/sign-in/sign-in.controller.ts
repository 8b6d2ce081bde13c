import { Body, Controller, Get, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public, SignedIn as SignedInOnly } from '../../access/route-policy.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { BeforePasswordChange } from '../../http/session/before-password-change.js';
import { SignIn } from '../../http/session/sign-in.js';
import { type SignedInSession, signedIn, signedInSession } from '../../http/session/signed-in.js';
import { type PresentedUser, presentUser } from '../users/present-user.js';
import { LoginBody, PasswordBody } from './sign-in.dto.js';

interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds. */
  readonly expiresIn: number;
}

@Controller('api/v1/auth')
export class SignInController {
  constructor(private readonly signIn: SignIn) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  async login(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: LoginBody,
  ): Promise<AccessToken> {
    return this.#accessToken(await this.signIn.signIn(request, response, body));
  }

  @Post('logout')
  @AlsoOnFullDisk()
  @HttpCode(204)
  @SignedInOnly()
  @BeforePasswordChange()
  async logout(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.signIn.signOut(request, response);
  }

  @Post('refresh')
  @HttpCode(200)
  @SignedInOnly()
  refresh(@Req() request: Request): AccessToken {
    return this.#accessToken(signedInSession(request));
  }

  @Get('me')
  @SignedInOnly()
  me(@Req() request: Request): PresentedUser {
    return presentUser(signedIn(request).user);
  }

  /** Answers with a new access token, because the old one ends with the old password. */
  @Put('password')
  @SignedInOnly()
  @BeforePasswordChange()
  async password(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: PasswordBody,
  ): Promise<AccessToken> {
    return this.#accessToken(await this.signIn.changePassword(request, response, body));
  }

  #accessToken(who: SignedInSession): AccessToken {
    const { token, expiresInSeconds } = this.signIn.bearerToken(who);
    return { accessToken: token, tokenType: 'Bearer', expiresIn: expiresInSeconds };
  }
}
