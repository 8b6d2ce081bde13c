import { Failure } from '../../errors/failure.js';
import type { RefreshTokens } from '../../users/tokens/refresh-tokens.js';
import { type Authenticated, asUser } from '../authenticated.js';
import type { SignInEvents } from '../sign-in-record.js';
import { type Parameters, single } from './token-request.js';

/** What a client wants with a refresh token, and for which registry. */
export interface Client {
  readonly service: string;
  /** As it calls itself, which anybody may; empty when it does not. */
  readonly clientId: string;
}

/**
 * Refresh tokens (Distribution's "OAuth2 Token Authentication"): what `docker login` keeps instead of the password. They
 * are only given when asked for, only for a password, and only to a client with a name; the containers tools ask with every
 * request, without one, and keep none. They never rotate: docker replays the one it stored. Every program that reads docker's
 * file sends it too, under a name of its own, so that name decides nothing and is only written down.
 */
export class OfflineAccess {
  constructor(
    private readonly tokens: Pick<RefreshTokens, 'issue' | 'check' | 'noteUse'>,
    private readonly events: Pick<SignInEvents, 'succeeded'>,
  ) {}

  /** A new refresh token, or undefined when there is none to give. */
  async begin(
    who: Authenticated,
    client: Client & { readonly address: string; readonly userAgent: string },
  ): Promise<string | undefined> {
    if (who.credential.kind !== 'password' || who.user === undefined || client.clientId === '') return undefined;
    return (await this.tokens.issue(who.user, client)).secret;
  }

  /**
   * Whose refresh token this is. Throws UNAUTHORIZED for every token that is not alive or of another service, whose life that
   * does not postpone.
   */
  async continue(secret: string, { service, clientId }: Client, address: string): Promise<Authenticated> {
    const found = await this.tokens.check(secret, service);
    if (found === undefined || found.user.mustChangePassword)
      throw new Failure('UNAUTHORIZED', { message: 'the refresh token is not valid: sign in again' });
    this.tokens.noteUse(found.token);
    const who = asUser(found.user, { kind: 'refresh', id: found.token.id });
    this.events.succeeded(who, address, clientId);
    return who;
  }
}

/** `offline_token` of a GET, `access_type` of a POST. */
export function wantsOfflineAccess(parameters: Parameters): boolean {
  return single(parameters, 'offline_token') === 'true' || single(parameters, 'access_type') === 'offline';
}
