import type { Request, Response } from 'express';
import { asUser, byPassword } from '../../auth/authenticated.js';
import type { Credentials } from '../../auth/credentials.js';
import { bearerSeconds, type SessionTokens } from '../../auth/session-tokens.js';
import type { Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import type { Sessions } from '../../users/sessions.js';
import type { User } from '../../users/user.js';
import type { Users } from '../../users/users.js';
import { clientAddress } from '../request-origin.js';
import { clearSessionCookie, writeSessionCookie } from './session-cookie.js';
import { type SignedInSession, signedInSession } from './signed-in.js';

export interface SignInForm {
  readonly username: string;
  readonly password: string;
  /** Keep the cookie when the browser closes. */
  readonly remember?: boolean;
}

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface BearerToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

/** Opens and ends sessions, for the REST API and the pages alike. */
export class SignIn {
  constructor(
    private readonly credentials: Credentials,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly tokens: SessionTokens,
    private readonly config: Config,
  ) {}

  /**
   * Checks the password, opens a new session and sets its cookie. A session the request already had ends, so an id
   * planted beforehand is worth nothing. Throws UNAUTHORIZED or TOO_MANY_REQUESTS.
   */
  async signIn(
    request: Request,
    response: Response,
    { username, password, remember = false }: SignInForm,
  ): Promise<SignedInSession> {
    const user = await this.credentials.check({ username, password }, clientAddress(request, this.config));
    if (request.user?.sid !== undefined) await this.sessions.revoke(request.user.sid);
    return await this.#open(request, response, user, remember);
  }

  async signOut(request: Request, response: Response): Promise<void> {
    if (request.user?.sid !== undefined) await this.sessions.revoke(request.user.sid);
    request.user = undefined;
    clearSessionCookie(request, response, this.config);
  }

  /**
   * Changes the password of the account that is signed in. Every session and token of the account ends, this session too; the
   * caller goes on with a new one. Personal access tokens stay. Throws UNAUTHORIZED for a wrong current password, PASSWORD_REJECTED for a bad new one.
   */
  async changePassword(
    request: Request,
    response: Response,
    { currentPassword, newPassword }: PasswordChange,
  ): Promise<SignedInSession> {
    const { user: asking } = signedInSession(request);
    await this.credentials.confirm(asking, currentPassword, clientAddress(request, this.config));
    if (newPassword === currentPassword)
      throw new Failure('PASSWORD_REJECTED', { message: 'the new password is the current one' });
    const user = await this.users.setPassword(asking.username, newPassword, { mustChange: false });
    // The session went with the old password; who goes on is the same person with the new one.
    request.user = { ...asUser(user, byPassword), via: 'cookie' };
    return await this.#open(request, response, user, false);
  }

  /** A token for `Authorization: Bearer` on the REST API, good for as long as the session lives, at most 15 minutes. */
  bearerToken({ user, sid }: Pick<SignedInSession, 'user' | 'sid'>): BearerToken {
    return { token: this.tokens.sign(user, sid, bearerSeconds), expiresInSeconds: bearerSeconds };
  }

  async #open(request: Request, response: Response, user: User, remember: boolean): Promise<SignedInSession> {
    const { id: sid } = await this.sessions.open(user, {
      address: clientAddress(request, this.config),
      userAgent: request.headers['user-agent'] ?? '',
      remember,
    });
    // The session's row decides when it ends; the token only has to outlive it.
    const { lifeMs } = this.config.session;
    const token = this.tokens.sign(user, sid, Math.ceil(lifeMs / 1000));
    writeSessionCookie(request, response, this.config, token, remember ? lifeMs : undefined);
    return { ...asUser(user, byPassword), user, sid, via: 'cookie' };
  }
}
