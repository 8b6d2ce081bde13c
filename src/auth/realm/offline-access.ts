import { Failure } from '../../errors/failure.js';
import type { RefreshTokens } from '../../users/tokens/refresh-tokens.js';
import { type Authenticated, asUser } from '../authenticated.js';
import { type Parameters, single } from './token-request.js';

/** The client that signs in for others: they read the refresh token from its file and send it under names of their own. */
const fileOwner = 'docker';
const fileReaders = new Set([
  'registry-client', // docker's own manifest command, and others on Distribution's client library
  'containers/image', // podman, skopeo, buildah
  'containerd-client',
  'buildkit-client',
  'go-containerregistry',
  'oras-go',
]);

/** What a client wants with a refresh token, and for which registry. */
export interface Client {
  readonly service: string;
  /** As it calls itself; empty when it does not. */
  readonly clientId: string;
}

/**
 * Refresh tokens (Distribution's "OAuth2 Token Authentication"): what `docker login` keeps instead of the password. They
 * are only given when asked for, only for a password, and only to a client with a name, because the token is bound to it;
 * the containers tools ask with every request and keep none. They never rotate: docker replays the one it stored.
 */
export class OfflineAccess {
  constructor(private readonly tokens: Pick<RefreshTokens, 'issue' | 'check' | 'noteUse'>) {}

  /** A new refresh token, or undefined when there is none to give. */
  async begin(
    who: Authenticated,
    client: Client & { readonly address: string; readonly userAgent: string },
  ): Promise<string | undefined> {
    if (who.credential.kind !== 'password' || who.user === undefined || client.clientId === '') return undefined;
    return (await this.tokens.issue(who.user, client)).secret;
  }

  /** Whose refresh token this is. Throws UNAUTHORIZED for every token that is not alive, or of another service or client, whose life that does not postpone. */
  async continue(secret: string, { service, clientId }: Client): Promise<Authenticated> {
    const found = await this.tokens.check(secret, service);
    if (found === undefined || !maySend(clientId, found.token.clientId) || found.user.mustChangePassword) {
      throw new Failure('UNAUTHORIZED', { message: 'the refresh token is not valid' });
    }
    this.tokens.noteUse(found.token);
    return asUser(found.user, { kind: 'refresh', id: found.token.id });
  }
}

/** `offline_token` of a GET, `access_type` of a POST. */
export function wantsOfflineAccess(parameters: Parameters): boolean {
  return single(parameters, 'offline_token') === 'true' || single(parameters, 'access_type') === 'offline';
}

function maySend(client: string, issuedTo: string): boolean {
  return client === issuedTo || (issuedTo === fileOwner && fileReaders.has(client));
}
