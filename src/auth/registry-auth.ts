import { Failure } from '../errors/failure.js';
import type { Authenticated } from './authenticated.js';
import { type Credentials, isNobody, parseBasic, readyForRegistry } from './credentials.js';
import { anonymousIdentity, type Identity, identityOf } from './identity.js';
import type { LiveHolder } from './live-holder.js';
import type { TokenVerifier, VerifiedToken } from './tokens/token-verifier.js';

/** Says who sent a registry request. Cookies are never read here (H4). */
export class RegistryAuth {
  constructor(
    private readonly holder: Pick<LiveHolder, 'find' | 'again'>,
    private readonly verifier: Pick<TokenVerifier, 'verify'>,
    private readonly credentials: Pick<Credentials, 'checkForRegistry'>,
  ) {}

  /**
   * Answers at once for a remembered token of a known user, which is nearly always.
   * Throws TOKEN_INVALID for a bearer token that is not genuine, not of this service, long expired, or of an account or a
   * credential that ended since; UNAUTHORIZED for wrong Basic credentials; TOO_MANY_REQUESTS.
   * @param address the client's address, asked for only when a password has to be checked
   */
  identify(authorization: string | undefined, address: () => string = () => ''): Identity | Promise<Identity> {
    if (authorization === undefined) return anonymousIdentity;
    if (/^bearer\b/i.test(authorization)) return this.#byToken(this.verifier.verify(bearerOf(authorization)));
    const basic = parseBasic(authorization);
    if (basic === undefined) throw new Failure('UNAUTHORIZED', { message: 'the Authorization header is malformed' });
    if (isNobody(basic)) return anonymousIdentity;
    const who = this.credentials.checkForRegistry(basic, address());
    return who instanceof Promise ? who.then((known) => identityOf(known)) : identityOf(who);
  }

  /**
   * Who sent it, as of now, when the request is about to change something: the account and the credential are asked again. A token that
   * ran out since is good for what it began. Throws TOKEN_INVALID, or UNAUTHORIZED for Basic credentials, that ended since.
   */
  async again(identity: Identity): Promise<Identity> {
    const { principal, credential, generation } = identity;
    if (principal.kind === 'anonymous' || credential === undefined || generation === undefined)
      return { ...identity, expired: false };
    const who = await this.holder.again(
      { principal, credential, generation },
      identity.via === 'token' ? 'issued' : 'itself',
    );
    if (who !== undefined) {
      readyForRegistry(who);
      return { ...identity, principal: who.principal, narrowedTo: who.narrowedTo, expired: false };
    }
    throw new Failure(identity.via === 'token' ? 'TOKEN_INVALID' : 'UNAUTHORIZED', {
      message: 'the account or the credential has changed since the request began',
    });
  }

  #byToken(token: VerifiedToken): Identity | Promise<Identity> {
    const holder = this.holder.find(token.claims);
    return holder instanceof Promise ? holder.then((who) => byToken(token, who)) : byToken(token, holder);
  }
}

/** What follows the scheme. Whether it can be a token is looked at only for one that is not remembered. */
function bearerOf(authorization: string): string {
  return authorization.slice('bearer'.length).trimStart();
}

function byToken({ access, expired }: VerifiedToken, who: Authenticated | undefined): Identity {
  return who === undefined
    ? { ...anonymousIdentity, via: 'token', access, expired }
    : identityOf(who, { access, expired });
}
