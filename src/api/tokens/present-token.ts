import type { OwnedToken } from '../../permissions/managed-tokens.js';
import type { AccessToken } from '../../users/tokens/access-token.js';

export interface PresentedToken
  extends Pick<
    AccessToken,
    'id' | 'name' | 'hint' | 'scopes' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'lastUsedAddress'
  > {
  /** Whose it is. */
  readonly user: string;
}

export function presentToken({ token, owner }: OwnedToken): PresentedToken {
  const { id, name, hint, scopes, createdAt, expiresAt, lastUsedAt, lastUsedAddress } = token;
  return { id, user: owner, name, hint, scopes, createdAt, expiresAt, lastUsedAt, lastUsedAddress };
}
