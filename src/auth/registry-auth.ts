import { principalKey } from '../access/principal.js';
import { Failure } from '../errors/failure.js';
import { principalOf, type User } from '../users/user.js';
import type { Users } from '../users/users.js';
import { type Credentials, parseBasic, parseBearer } from './credentials.js';
import { anonymousIdentity, type Identity } from './identity.js';
import type { TokenVerifier, VerifiedToken } from './realm/token-verifier.js';

/** Says who sent a registry request. Cookies are never read here (H4). */
export class RegistryAuth {
  constructor(
    private readonly users: Pick<Users, 'findById'>,
    private readonly verifier: Pick<TokenVerifier, 'verify'>,
    private readonly credentials: Credentials,
  ) {}

  /**
   * Answers at once for a remembered token of a known user, which is nearly always.
   * Throws TOKEN_INVALID for a bearer token that is not genuine, not of this service, long expired, or of an account that
   * was disabled, removed or got another password since; UNAUTHORIZED for wrong Basic credentials; TOO_MANY_REQUESTS.
   * @param address the client's address, asked for only when a password has to be checked
   */
  identify(authorization: string | undefined, address: () => string = () => ''): Identity | Promise<Identity> {
    if (authorization === undefined) return anonymousIdentity;
    const token = parseBearer(authorization);
    if (token !== undefined) return this.byToken(this.verifier.verify(token));
    if (/^bearer\b/i.test(authorization)) throw new Failure('TOKEN_INVALID');
    const basic = parseBasic(authorization);
    if (basic === undefined) throw new Failure('UNAUTHORIZED', { message: 'the Authorization header is malformed' });
    return this.credentials.checkForRegistry(basic, address()).then((user) => userIdentity(user, 'basic'));
  }

  private byToken(token: VerifiedToken): Identity | Promise<Identity> {
    const { access, uid } = token.claims;
    if (uid === undefined) return { ...anonymousIdentity, via: 'token', access, expired: token.expired };
    const user = this.users.findById(uid);
    return user instanceof Promise ? user.then((found) => tokenIdentity(token, found)) : tokenIdentity(token, user);
  }
}

function tokenIdentity({ claims, expired }: VerifiedToken, user: User | undefined): Identity {
  if (user === undefined || !user.enabled || user.mustChangePassword || user.credentialVersion !== claims.cv) {
    throw new Failure('TOKEN_INVALID', {
      message: 'the account or its password has changed since the token was issued',
    });
  }
  return { ...userIdentity(user, 'token'), access: claims.access, expired };
}

function userIdentity(user: User, via: 'basic' | 'token'): Identity {
  const principal = principalOf(user);
  return { principal, via, access: [], expired: false, subject: principalKey(principal) };
}
