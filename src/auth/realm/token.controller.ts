import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { anonymous } from '../../access/principal.js';
import { Public } from '../../access/route-policy.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import { formatScope } from '../../oci/scope.js';
import { Permissions } from '../../permissions/permissions.js';
import { principalOf, type User } from '../../users/user.js';
import { Credentials, type NameAndPassword, parseBasic } from '../credentials.js';
import { clientAddress } from '../request-origin.js';
import { grantedAccess } from './granted-access.js';
import { TokenIssuer } from './token-issuer.js';
import { type Parameters, parseTokenRequest, single, type TokenRequest } from './token-request.js';

/** What docker, containerd and the containers tools read. `expires_in` is a number, `issued_at` a string: they insist. */
interface TokenAnswer {
  readonly token: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
  /** What was granted, space separated. Only in the answer to a POST (RFC 6749 §5.1). */
  readonly scope?: string;
}

/** The token realm: Distribution's "Token Authentication" (GET) and "OAuth2 Token Authentication" (POST). */
@Controller('token')
@Public()
export class TokenController {
  constructor(
    private readonly credentials: Credentials,
    private readonly permissions: Permissions,
    private readonly issuer: TokenIssuer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async get(
    @Req() request: Request,
    @Query() query: Parameters,
    @Headers('authorization') authorization?: string,
  ): Promise<TokenAnswer> {
    const asked = parseTokenRequest(query, this.config.token.service);
    const basic = authorization === undefined ? undefined : parseBasic(authorization);
    if (authorization !== undefined && basic === undefined) {
      throw new Failure('UNAUTHORIZED', { message: 'the realm takes Basic credentials' });
    }
    return await this.answer(request, asked, basic);
  }

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async post(@Req() request: Request, @Body() form: Parameters | undefined): Promise<TokenAnswer> {
    if (!request.is('application/x-www-form-urlencoded')) throw new Failure('UNSUPPORTED_MEDIA_TYPE');
    const parameters = form ?? {};
    const grantType = single(parameters, 'grant_type');
    if (grantType === 'refresh_token') throw new Failure('UNAUTHORIZED', { message: 'the refresh token is not valid' });
    if (grantType !== 'password') throw new Failure('GRANT_TYPE_UNSUPPORTED');
    const asked = parseTokenRequest(parameters, this.config.token.service);
    const username = single(parameters, 'username') ?? '';
    const password = single(parameters, 'password') ?? '';
    return await this.answer(request, asked, { username, password }, true);
  }

  private async answer(
    request: Request,
    { scopes, account }: TokenRequest,
    given: NameAndPassword | undefined,
    withScope = false,
  ): Promise<TokenAnswer> {
    const user = given && (await this.authenticate(request, given, account));
    const access = await grantedAccess(user === undefined ? anonymous : principalOf(user), scopes, this.permissions);
    const { token, expiresInSeconds, issuedAt } = await this.issuer.issue(user, access);
    return {
      token,
      access_token: token,
      expires_in: expiresInSeconds,
      issued_at: issuedAt.toISOString(),
      ...(withScope && { scope: access.map(formatScope).join(' ') }),
    };
  }

  private async authenticate(request: Request, given: NameAndPassword, account: string | undefined): Promise<User> {
    const user = await this.credentials.checkForRegistry(given, clientAddress(request, this.config));
    if (account !== undefined && account !== given.username) {
      throw new Failure('UNAUTHORIZED', { message: 'account is not the user who signs in' });
    }
    return user;
  }
}
