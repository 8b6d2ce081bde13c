import type { AccessToken, TokenScope } from '../../src/users/tokens/access-token.js';
import type { RefreshToken } from '../../src/users/tokens/refresh-tokens.js';
import type { User } from '../../src/users/user.js';

/** An ordinary user with an account like any other, for specs that need one without a database. */
export const ann: User = {
  id: 7,
  username: 'ann',
  fullName: null,
  email: null,
  role: 'user',
  enabled: true,
  mustChangePassword: false,
  credentialVersion: 3,
  createdAt: new Date(0),
  lastSignInAt: null,
};

/** A personal access token of hers. */
export function accessToken(scopes: readonly TokenScope[]): AccessToken {
  return {
    ...{ id: 12, userId: ann.id, name: 'laptop', hint: 'abcd', scopes, credentialVersion: 2 },
    ...{ createdAt: new Date(0), expiresAt: null, lastUsedAt: null, lastUsedAddress: null },
  };
}

/** A refresh token of somebody. */
export function refreshTokenOf({ id: userId }: User, id: string): RefreshToken {
  const times = { createdAt: new Date(0), lastUsedAt: new Date(0), expiresAt: new Date(8.64e15) };
  return { id, userId, service: 'berth', clientId: 'docker', address: '192.0.2.1', userAgent: '', ...times };
}
