import { anonymous } from '../../access/principal.js';
import { Failure } from '../../errors/failure.js';
import { formatScope } from '../../oci/scope.js';
import type { Authenticated } from '../authenticated.js';
import { type Credentials, isNobody, type NameAndPassword, parseBasic } from '../credentials.js';
import { type AskPermissions, grantedAccess } from './granted-access.js';
import { type OfflineAccess, wantsOfflineAccess } from './offline-access.js';
import type { TokenIssuer } from './token-issuer.js';
import { accountName, type Parameters, parseTokenRequest, single, type TokenRequest } from './token-request.js';

/** What docker, containerd and the containers tools read. `expires_in` is a number, `issued_at` a string: they insist. */
export interface TokenAnswer {
  readonly token: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
  /** What was granted, space separated. Only in the answer to a POST (RFC 6749 §5.1). */
  readonly scope?: string;
  /** Only when it was asked for, and never in exchange for another one. */
  readonly refresh_token?: string;
}

/** Where a request comes from. */
export interface Caller {
  /** As trusted proxies report it. */
  readonly address: string;
  readonly userAgent: string;
}

/** The token realm: Distribution's "Token Authentication" (GET) and "OAuth2 Token Authentication" (POST). */
export class TokenRealm {
  /** @param service the one registry it issues tokens for */
  constructor(
    private readonly credentials: Pick<Credentials, 'checkForRegistry'>,
    private readonly offlineAccess: Pick<OfflineAccess, 'begin' | 'continue'>,
    private readonly permissions: AskPermissions,
    private readonly issuer: Pick<TokenIssuer, 'issue'>,
    private readonly service: string,
  ) {}

  /**
   * The answer to a GET, and to a HEAD, which gets no refresh token because it could not read it.
   * Throws SERVICE_UNKNOWN, SCOPE_INVALID, VALIDATION_FAILED, UNAUTHORIZED or TOO_MANY_REQUESTS, as does {@link byForm}.
   * @param authorization Basic; nobody without it
   */
  async byQuery(
    method: string,
    query: Parameters,
    authorization: string | undefined,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const asked = parseTokenRequest(query, this.service);
    if (authorization === undefined) return await this.#issue(undefined, asked, caller);
    const basic = parseBasic(authorization);
    if (basic === undefined) throw new Failure('UNAUTHORIZED', { message: 'the realm takes Basic credentials' });
    if (isNobody(basic)) return await this.#issue(undefined, asked, caller);
    const who = await this.#signIn(basic, asked, caller);
    const answer = await this.#issue(who, asked, caller);
    return method === 'GET' ? { ...answer, ...(await this.#refreshToken(who, query, asked, caller)) } : answer;
  }

  /** The answer to a POST. Throws GRANT_TYPE_UNSUPPORTED besides. */
  async byForm(form: Parameters, caller: Caller): Promise<TokenAnswer> {
    const grantType = single(form, 'grant_type');
    if (grantType !== 'password' && grantType !== 'refresh_token') throw new Failure('GRANT_TYPE_UNSUPPORTED');
    const asked = parseTokenRequest(form, this.service);
    if (grantType === 'refresh_token') {
      const who = await this.offlineAccess.continue(single(form, 'refresh_token') ?? '', asked, caller.address);
      return await this.#issueWithScope(who, asked, caller);
    }
    const username = accountName(form, 'username') ?? '';
    const password = single(form, 'password') ?? '';
    const who = await this.#signIn({ username, password }, asked, caller);
    return {
      ...(await this.#issueWithScope(who, asked, caller)),
      ...(await this.#refreshToken(who, form, asked, caller)),
    };
  }

  async #signIn(given: NameAndPassword, { account }: TokenRequest, { address }: Caller): Promise<Authenticated> {
    const who = await this.credentials.checkForRegistry(given, address);
    if (account !== undefined && account !== given.username)
      throw new Failure('UNAUTHORIZED', { message: 'account is not the user who signs in' });
    return who;
  }

  async #refreshToken(
    who: Authenticated,
    parameters: Parameters,
    { service, clientId }: TokenRequest,
    caller: Caller,
  ): Promise<Pick<TokenAnswer, 'refresh_token'>> {
    if (!wantsOfflineAccess(parameters)) return {};
    const token = await this.offlineAccess.begin(who, { service, clientId, ...caller });
    return token === undefined ? {} : { refresh_token: token };
  }

  async #issue(who: Authenticated | undefined, asked: TokenRequest, caller: Caller): Promise<TokenAnswer> {
    const { scope: _scope, ...answer } = await this.#issueWithScope(who, asked, caller);
    return answer;
  }

  async #issueWithScope(
    who: Authenticated | undefined,
    { scopes }: TokenRequest,
    { address }: Caller,
  ): Promise<TokenAnswer> {
    const access = await grantedAccess(who ?? { principal: anonymous }, scopes, this.permissions);
    const { token, expiresInSeconds, issuedAt } = this.issuer.issue(who, access, address);
    return {
      token,
      access_token: token,
      expires_in: expiresInSeconds,
      issued_at: issuedAt.toISOString(),
      scope: access.map(formatScope).join(' '),
    };
  }
}
