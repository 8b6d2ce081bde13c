import type { User } from '../../users/user.js';

export type PresentedUser = Pick<
  User,
  'username' | 'fullName' | 'email' | 'role' | 'enabled' | 'mustChangePassword' | 'createdAt' | 'lastSignInAt'
>;

export function presentUser(user: User): PresentedUser {
  const { username, fullName, email, role, enabled, mustChangePassword, createdAt, lastSignInAt } = user;
  return { username, fullName, email, role, enabled, mustChangePassword, createdAt, lastSignInAt };
}
