import type { Request } from 'express';
import { anonymous, type Principal } from '../../access/principal.js';
import type { Authenticated } from '../../auth/authenticated.js';
import { Failure } from '../../errors/failure.js';
import type { Asker } from '../../permissions/asker.js';
import type { TokenAsker } from '../../permissions/managed-tokens.js';
import type { User } from '../../users/user.js';

/** Who a REST or page request comes from: `request.user` behind the AccessGuard; undefined when nobody is signed in. */
export interface SignedIn extends Authenticated {
  /** The secret id of the session, which a program with a token does not have. Never shown, never logged. */
  readonly sid?: string | undefined;
  /**
   * Browsers send a cookie on their own, so its requests need the CSRF token, and Basic credentials once they were typed,
   * so those must come from our pages; a bearer token they never do, and they cannot reach the socket file (`local`).
   */
  readonly via: 'cookie' | 'bearer' | 'basic' | 'local';
}

/** A person, by session or personal access token. */
export interface SignedInUser extends SignedIn {
  readonly user: User;
}

/** A person who signed in with the password. */
export interface SignedInSession extends SignedInUser {
  readonly sid: string;
}

declare global {
  namespace Express {
    // What passport's own type of `request.user` is made of.
    interface User extends SignedIn {}
  }
}

type WithUser = Pick<Request, 'user'>;

/** The principal of a REST or page request; anonymous when nobody is signed in. */
export function requestPrincipal({ user }: WithUser): Principal {
  return user?.principal ?? anonymous;
}

/**
 * The principal, and what a narrowed access token leaves of its rights: what Permissions has to be asked with. Always as the request has
 * them at that moment: they may lose a role before the change they asked for is made.
 */
export function requestAsker(request: WithUser): Asker {
  return {
    get principal() {
      return requestPrincipal(request);
    },
    get narrowedTo() {
      return request.user?.narrowedTo;
    },
  };
}

/** The same of a person, with the access token they came with. Throws as {@link signedIn}. */
export function requestTokenAsker(request: WithUser): TokenAsker {
  const { credential } = signedIn(request);
  return Object.assign(requestAsker(request), { token: credential.kind === 'pat' ? credential.id : undefined });
}

/** The person who asks, on a route that makes no sense for a robot. Throws UNAUTHORIZED, or DENIED to a robot. */
export function signedIn({ user }: WithUser): SignedInUser {
  if (user === undefined) throw new Failure('UNAUTHORIZED');
  if (user.user === undefined) throw new Failure('DENIED', { message: 'this is for people, not for robots' });
  return { ...user, user: user.user };
}

/** The session of the person who asks. Throws UNAUTHORIZED, or DENIED with an access token. */
export function signedInSession(request: WithUser): SignedInSession {
  const person = signedIn(request);
  if (person.sid === undefined) throw new Failure('DENIED', { message: 'this takes a session, not an access token' });
  return { ...person, sid: person.sid };
}
