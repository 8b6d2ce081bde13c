import type { Request } from 'express';
import { anonymous, type Principal } from '../access/principal.js';
import { Failure } from '../errors/failure.js';
import { principalOf, type User } from '../users/user.js';

/** Who a REST or page request comes from: `request.user` behind the AccessGuard; undefined when nobody is signed in. */
export interface SignedIn {
  readonly user: User;
  /** The secret id of the session. Never shown, never logged. */
  readonly sid: string;
  /** A cookie is sent by browsers on their own, so its requests need the CSRF token; a bearer token is not. */
  readonly via: 'cookie' | 'bearer';
}

declare global {
  namespace Express {
    // What passport's own type of `request.user` is made of.
    interface User extends SignedIn {}
  }
}

/** The principal of a REST or page request; anonymous when nobody is signed in. */
export function requestPrincipal({ user }: Pick<Request, 'user'>): Principal {
  return user === undefined ? anonymous : principalOf(user.user);
}

/** Who is signed in, on a route whose policy lets nobody else pass. Throws UNAUTHORIZED. */
export function signedIn({ user }: Pick<Request, 'user'>): SignedIn {
  if (user === undefined) throw new Failure('UNAUTHORIZED');
  return user;
}
