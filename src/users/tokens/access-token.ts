import type { AccessTokenEntity, TokenScope } from './access-token.entity.js';

export type { TokenScope } from './access-token.entity.js';

/** A personal access token, without its secret: a program acts as its owner, or as less. */
export interface AccessToken {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  /** The last characters of its secret. */
  readonly hint: string;
  /** What it may do at most; empty: all that its owner may. */
  readonly scopes: readonly TokenScope[];
  /** Goes up when it gets another secret; what was issued under a lower one is void. */
  readonly credentialVersion: number;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly lastUsedAddress: string | null;
}

export function toAccessToken({ hash: _secret, ...token }: AccessTokenEntity): AccessToken {
  return token;
}

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}$/u;

/** In English. */
export const tokenNameRule =
  'a token name is 1 to 64 letters, digits, signs and spaces, and no look-alike forms of them';

/** A name is for people, in any script; no control or invisible characters, no full-width and other compatibility forms. */
export function isTokenName(text: string): boolean {
  return printable.test(text) && text.trim() === text && text.normalize('NFKC') === text;
}
