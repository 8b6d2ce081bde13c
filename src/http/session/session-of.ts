import type { Request, Response } from 'express';
import passport from 'passport';
import { mayCarrySession, sessionStrategy } from './session.strategy.js';
import type { SignedIn } from './signed-in.js';

/** Who is signed in by the session of a request that met no guard, such as one for a page that is not there; undefined for nobody. */
export async function sessionOf(request: Request, response: Response): Promise<SignedIn | undefined> {
  if (!mayCarrySession(request)) return undefined;
  return await new Promise((resolve, reject) => {
    const answer = (error: unknown, user: SignedIn | false | undefined) =>
      error ? reject(error) : resolve(user || undefined);
    passport.authenticate(sessionStrategy, { session: false }, answer)(request, response, reject);
  });
}
