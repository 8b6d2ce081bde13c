import type { Socket } from 'node:net';
import type { Request } from 'express';
import { clock } from '../../async/clock.js';
import { asUser, byPassword } from '../../auth/authenticated.js';
import type { User } from '../../users/user.js';
import type { SignedIn } from './signed-in.js';

const trusted = new WeakSet<Socket>();

/** Nobody's account: no row has this id, so nothing is noted as made by it (userIdOf in access/principal.ts). */
const user: User = {
  id: 0,
  username: 'local',
  fullName: null,
  email: null,
  role: 'admin',
  enabled: true,
  mustChangePassword: false,
  credentialVersion: 0,
  /** As old as this process, which is what lets it in. */
  createdAt: new Date(clock.wall()),
  lastSignInAt: null,
};

const administrator: SignedIn = { ...asUser(user, byPassword), via: 'local' };

/**
 * From now on requests of this connection come from an administrator. Only for connections to the socket file in the data
 * directory: whoever may open that owns the database and the keys anyway.
 */
export function trustAsLocal(connection: Socket): void {
  trusted.add(connection);
}

/** The administrator behind a request that came in by the socket file; undefined for every other, whatever its headers say. */
export function localAdministrator({ socket }: Pick<Request, 'socket'>): SignedIn | undefined {
  return trusted.has(socket) ? administrator : undefined;
}
