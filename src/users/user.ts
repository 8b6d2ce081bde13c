import type { Principal, Role } from '../access/principal.js';
import type { UserEntity } from './user.entity.js';

/** An account, without its password. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly fullName: string | null;
  readonly email: string | null;
  readonly role: Role;
  readonly enabled: boolean;
  readonly mustChangePassword: boolean;
  /** Goes up when the password changes or the account is disabled; what was issued under a lower one is void. */
  readonly credentialVersion: number;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
}

export function toUser({ passwordHash: _secret, ...user }: UserEntity): User {
  return user;
}

export function principalOf(user: User): Extract<Principal, { kind: 'user' }> {
  return { kind: 'user', id: user.id, name: user.username, role: user.role };
}

/** Lower case, so that two accounts never look alike; no colon, which ends the name in Basic credentials. */
export const usernamePattern = /^[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?$/;

/** The same in English. */
export const usernameRule =
  'a user name is lower-case letters and digits, and between them . _ @ -, at most 64 characters, and no reserved word';

/** What makes a name look like another text than it is: control characters, line breaks, changes of the direction, halves of characters. */
const deceptive = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** In English. */
export const fullNameRule = 'a full name has no invisible characters but those that join letters';

/** Any script, and the joiners some scripts need. */
export function isFullName(text: string): boolean {
  return !deceptive.test(text);
}

/** In English. */
export const emailRule = 'an e-mail address is a name, an @ and a domain, without invisible characters';

export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/u.test(text) && !deceptive.test(text);
}

export function isUsername(text: string): boolean {
  return usernamePattern.test(text);
}
