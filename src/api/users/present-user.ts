import type { Role } from '../../access/principal.js';
import type { User } from '../../users/user.js';

export interface PresentedUser {
  readonly username: string;
  readonly fullName: string | null;
  readonly email: string | null;
  readonly role: Role;
  readonly enabled: boolean;
  readonly mustChangePassword: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
}

export function presentUser(user: User): PresentedUser {
  const { username, fullName, email, role, enabled, mustChangePassword, createdAt, lastSignInAt } = user;
  return { username, fullName, email, role, enabled, mustChangePassword, createdAt, lastSignInAt };
}
