import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { anonymous } from '../../access/principal.js';
import { Public } from '../../access/route-policy.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import { formatScope } from '../../oci/scope.js';
import { Permissions } from '../../permissions/permissions.js';
import type { Authenticated } from '../authenticated.js';
import { Credentials, type NameAndPassword, parseBasic } from '../credentials.js';
import { clientAddress } from '../request-origin.js';
import { grantedAccess } from './granted-access.js';
import { OfflineAccess, wantsOfflineAccess } from './offline-access.js';
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
  /** Only when it was asked for, and never in exchange for another one. */
  readonly refresh_token?: string;
}

/** The token realm: Distribution's "Token Authentication" (GET) and "OAuth2 Token Authentication" (POST). */
@Controller('token')
@Public()
export class TokenController {
  constructor(
    private readonly credentials: Credentials,
    private readonly offlineAccess: OfflineAccess,
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
    if (authorization === undefined) return await this.issue(undefined, asked);
    const basic = parseBasic(authorization);
    if (basic === undefined) throw new Failure('UNAUTHORIZED', { message: 'the realm takes Basic credentials' });
    const who = await this.signIn(request, basic, asked);
    return { ...(await this.issue(who, asked)), ...(await this.refreshToken(request, who, query, asked)) };
  }

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async post(@Req() request: Request, @Body() form: Parameters = {}): Promise<TokenAnswer> {
    if (!request.is('application/x-www-form-urlencoded')) throw new Failure('UNSUPPORTED_MEDIA_TYPE');
    const grantType = single(form, 'grant_type');
    if (grantType !== 'password' && grantType !== 'refresh_token') throw new Failure('GRANT_TYPE_UNSUPPORTED');
    const asked = parseTokenRequest(form, this.config.token.service);
    if (grantType === 'refresh_token') {
      const who = await this.offlineAccess.continue(single(form, 'refresh_token') ?? '', asked);
      return await this.issueWithScope(who, asked);
    }
    const username = single(form, 'username') ?? '';
    const password = single(form, 'password') ?? '';
    const who = await this.signIn(request, { username, password }, asked);
    return { ...(await this.issueWithScope(who, asked)), ...(await this.refreshToken(request, who, form, asked)) };
  }

  private async signIn(request: Request, given: NameAndPassword, { account }: TokenRequest): Promise<Authenticated> {
    const who = await this.credentials.checkForRegistry(given, clientAddress(request, this.config));
    if (account !== undefined && account !== given.username) {
      throw new Failure('UNAUTHORIZED', { message: 'account is not the user who signs in' });
    }
    return who;
  }

  private async refreshToken(
    request: Request,
    who: Authenticated,
    parameters: Parameters,
    { service, clientId }: TokenRequest,
  ): Promise<Pick<TokenAnswer, 'refresh_token'>> {
    if (!wantsOfflineAccess(parameters)) return {};
    const { 'user-agent': userAgent = '' } = request.headers;
    const client = { service, clientId, userAgent, address: clientAddress(request, this.config) };
    const token = await this.offlineAccess.begin(who, client);
    return token === undefined ? {} : { refresh_token: token };
  }

  private async issue(who: Authenticated | undefined, asked: TokenRequest): Promise<TokenAnswer> {
    const { scope: _scope, ...answer } = await this.issueWithScope(who, asked);
    return answer;
  }

  private async issueWithScope(who: Authenticated | undefined, { scopes }: TokenRequest): Promise<TokenAnswer> {
    const access = await grantedAccess(who ?? { principal: anonymous }, scopes, this.permissions);
    const { token, expiresInSeconds, issuedAt } = this.issuer.issue(who, access);
    return {
      token,
      access_token: token,
      expires_in: expiresInSeconds,
      issued_at: issuedAt.toISOString(),
      scope: access.map(formatScope).join(' '),
    };
  }
}
