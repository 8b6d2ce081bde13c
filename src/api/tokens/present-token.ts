import type { AccessToken } from '../../users/tokens/access-token.js';
import type { User } from '../../users/user.js';

export interface PresentedToken
  extends Pick<
    AccessToken,
    'id' | 'name' | 'hint' | 'scopes' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'lastUsedAddress'
  > {
  /** Whose it is. */
  readonly user: string;
}

export function presentToken(token: AccessToken, { username }: Pick<User, 'username'>): PresentedToken {
  const { id, name, hint, scopes, createdAt, expiresAt, lastUsedAt, lastUsedAddress } = token;
  return { id, user: username, name, hint, scopes, createdAt, expiresAt, lastUsedAt, lastUsedAddress };
}
