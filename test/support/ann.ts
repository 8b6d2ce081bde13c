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
